extension CommandSpecification {
  /// Every command there is: what may be sent, what models are told, and what is checked all come from here.
  package static let all = [
    CommandSpecification(
      name: "open_app", meaning: "Open an application on the user's Mac.", arguments: [application], feature: nil),
    CommandSpecification(
      name: "close_app", meaning: "Close an application on the user's Mac.", arguments: [application], feature: nil),
    CommandSpecification(
      name: "send_message",
      meaning: "Send a message with the application Messages.",
      arguments: [recipient(.expected), words(.expected)], feature: .messages),
    CommandSpecification(
      name: "read_messages",
      meaning: "Have the Mac read out what came in the application Messages.",
      arguments: [
        sender,
        Argument("limit", "How many, in digits.", form: .count, need: .optional),
      ],
      feature: .messages),
    CommandSpecification(
      name: "find_contact", meaning: "Have the Mac look up a contact and say what it finds.",
      arguments: [Argument("query", "The name or telephone number to look for.", need: .expected)],
      feature: .messages),
    CommandSpecification(
      name: "send_whatsapp_message",
      meaning: "Send a message with WhatsApp.",
      arguments: [recipient(.required), words(.required)], feature: .whatsApp),
    CommandSpecification(
      name: "read_whatsapp_messages", meaning: "Have the Mac read out what came in WhatsApp.",
      arguments: [sender], feature: .whatsApp),
    CommandSpecification(
      name: "browser_use",
      meaning: "Have a helper on the Mac open, search or fill in web pages.",
      arguments: [
        Argument("task", "The whole task in one or two sentences, with every detail that matters.", need: .required),
        Argument(
          "config_preset", "The helper's pace, if the user names one: ultra_fast, fast or standard.", need: .optional),
      ],
      feature: .browser),
    CommandSpecification(
      name: "close_browser", meaning: "Close the browser that browser_use opened.", arguments: [], feature: .browser),
  ]

  private static let application = Argument(
    "app_name", "The application's name as the Mac shows it, such as Safari.", form: .applicationName, need: .required)

  private static func recipient(_ need: Argument.Need) -> Argument {
    Argument("contact", "Who gets it: a name or telephone number.", need: need)
  }

  private static func words(_ need: Argument.Need) -> Argument {
    Argument("message", "The words to send, and nothing else.", need: need)
  }

  private static let sender = Argument(
    "contact", "From whom: a name or telephone number; if left out, anybody.", need: .optional)
}
