/// The speaking styles of Azure's English and Russian voices (Neural and MAI-Voice-2), as its list of April 2026 says:
/// https://learn.microsoft.com/azure/ai-services/speech-service/language-support?tabs=tts#voice-styles-and-roles
///
/// A voice that is not listed is given no style.
package enum AzureStyle {
  /// The styles that a voice has, in alphabetical order; most have none.
  package static func styles(of voice: AzureVoice) -> [String] { (table[voice.name] ?? []).sorted().map(String.init) }

  /// Whether the voice can speak in this style.
  static func isKnown(_ style: String, to voice: AzureVoice) -> Bool {
    table[voice.name]?.contains(Substring(style)) ?? false
  }

  private static let emotions =
    "angry cheerful excited friendly hopeful sad shouting terrified unfriendly whispering"
  private static let feelings =
    "angry confused determined disgusted embarrassed excited fearful happy hopeful jealous joyful regretful relieved "
    + "sad shouting softvoice surprised whispering"
  private static let moods =
    "adventurous caringempathy curious encouraging excited friendlycheerful nostalgic reflective saddisappointed "
    + "serious"

  private static let table: [String: Set<Substring>] = [
    "en-AU-Isla:MAI-Voice-2": feelings,
    "en-GB-RyanNeural": "chat cheerful sad whispering",
    "en-GB-SoniaNeural": "cheerful sad",
    "en-IN-NeerjaNeural": "cheerful empathetic newscast",
    "en-US-AndrewMultilingualNeural": "empathetic relieved",
    "en-US-AriaNeural":
      emotions + " chat customerservice empathetic narration-professional newscast-casual newscast-formal",
    "en-US-AvaNeural": "angry fearful sad",
    "en-US-DavisMultilingualNeural": "empathetic funny relieved",
    "en-US-DavisNeural": emotions + " chat",
    "en-US-DerekMultilingualNeural": "empathetic excited relieved shy",
    "en-US-Ethan:MAI-Voice-2": feelings,
    "en-US-GuyNeural": emotions + " newscast",
    "en-US-Harper:MAI-Voice-2":
      "angry confused determined embarrassed excited happy hopeful joyful regretful relieved sad shouting softvoice "
      + "whispering",
    "en-US-JaneNeural": emotions,
    "en-US-JasonNeural": emotions,
    "en-US-JennyNeural": emotions + " assistant chat customerservice newscast",
    "en-US-KaiNeural": "conversation",
    "en-US-LunaNeural": "conversation",
    "en-US-NancyMultilingualNeural": "excited friendly funny relieved shy",
    "en-US-NancyNeural": emotions,
    "en-US-Olivia:MAI-Voice-2": feelings,
    "en-US-PhoebeMultilingualNeural": "empathetic sad serious",
    "en-US-SaraNeural": emotions,
    "en-US-SerenaMultilingualNeural": "empathetic excited friendly relieved sad serious shy",
    "en-US-TonyNeural": emotions,
    "ru-RU-Lev:MAI-Voice-2": moods,
    "ru-RU-Masha:MAI-Voice-2": moods,
  ].mapValues { Set($0.split(separator: " ")) }
}
