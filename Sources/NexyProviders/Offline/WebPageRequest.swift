/// A request to open, to close or to visit a web page, which no application is.
enum WebPageRequest {
  /// Whether the words are such a request.
  static func matches(_ words: ArraySlice<SpokenWord>) -> Bool {
    guard words.count <= 15, let count = verbs.opening(words) else { return false }
    let named = words.dropFirst(count).drop { ApplicationCommand.isDeterminer($0) }
    let object = ApplicationCommand.firstOfSeveral(named)
    // "Open the app Booking.com" names an application, whatever it is called.
    guard !object.isEmpty, !object.contains(where: { ApplicationCommand.isKind($0) }) else { return false }
    if ApplicationName.known(object) != nil { return false }
    return object.contains { isAddress($0.text) } || object.contains { pages.contains($0.key) }
      || spellsAddress(object.map(\.key))
  }

  /// "example.com", "www.bbc.co.uk/news", "https://example.com"; not "Safari.app" and not "main.py".
  static func isAddress(_ word: String) -> Bool {
    let word = word.lowercased()
    if word.contains("://") || word.hasPrefix("www.") { return true }
    let host = word.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1, let last = labels.last, domains.contains(String(last)) else { return false }
    return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
  }

  /// Whether a word is the name of a file: "report.docx", which is no application either.
  static func isFile(_ word: String) -> Bool {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 && parts.allSatisfy { !$0.isEmpty } && files.contains(parts[parts.count - 1].lowercased())
  }

  /// "Google dot com", "яндекс точка ру", as speech recognition writes an address.
  private static func spellsAddress(_ keys: [String]) -> Bool {
    keys.indices.dropFirst().dropLast().contains { index in
      (keys[index] == "dot" || keys[index] == "точка")
        && (domains.contains(keys[index + 1]) || spokenDomains.contains(keys[index + 1]))
    }
  }

  private static let verbs = PhraseSet(
    """
    open, open up, launch, start, run, load, show, show me, bring up, pull up, go to, go on, go onto, navigate to
    take me to, browse, browse to, visit, surf to, close, close down, quit, exit, switch to
    открой, откройте, открыть, открывай, открывайте, откроем, запусти, запустите, запустить, включи, включите, включить
    загрузи, загрузите, загрузить, покажи, покажите, показать, покажи мне, покажите мне, закрой, закройте, закрыть
    зайди на, зайдите на, зайти на, зайди в, зайдите в, зайти в, перейди на, перейдите на, перейти на, перейди по
    перейдите по, перейти по, перейди в, посети, посетите, посетить, выйди с, выйди из
    """)

  private static let pages = PhraseSet(
    """
    site, sites, website, websites, webpage, webpages, web-site, web-page, url, homepage, page, link, hyperlink
    сайт, сайта, сайте, сайты, сайту, вебсайт, веб-сайт, страница, страницу, страницы, странице, страничку
    веб-страницу, веб-страница, интернет-страницу, интернет-сайт, ссылка, ссылку, ссылке, портал, урл
    """)

  private static let domains = PhraseSet(
    """
    com, org, net, edu, gov, mil, int, info, biz, io, ai, dev, co, me, tv, gg, ly, to, xyz, site, online, store, tech
    club, blog, news, shop, live, cloud, page, uk, us, eu, de, fr, it, es, pl, nl, se, no, fi, ch, at, cz, tr, cn, jp
    in, br, ca, au, nz, il, gr, pt, ie, be, dk, ua, by, kz, uz, am, ge, md, ee, lv, lt, ru, su, рф, рус, москва, бел
    """)

  /// Domains as they are heard.
  private static let spokenDomains = PhraseSet("ком, ру, орг, нет, инфо, ю-эй, рф, юа, бай, кз")

  private static let files = PhraseSet(
    """
    txt, md, rtf, doc, docx, odt, pdf, xls, xlsx, csv, ppt, pptx, key, numbers, pages, jpg, jpeg, png, gif, heic, webp
    svg, mp3, wav, m4a, flac, mp4, mov, mkv, avi, zip, rar, gz, tar, dmg, pkg, html, htm, css, js, ts, json, xml, yaml
    yml, py, swift, c, h, cpp, java, go, rs, rb, sh, sql, epub, fb2, ics, log
    """)
}
