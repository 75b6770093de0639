/// What a full stop after a word may mean: what must follow it for the sentence to end there.
enum Abbreviation {
  /// An ordinary word: the sentence ends.
  case none
  /// A title or a word that needs the next one (Dr., vs., e.g., ул., т. е.): the sentence goes on.
  case prefix
  /// Stands before a number (No. 5, p. 55, рис. 1): the sentence ends before anything else with a capital.
  case numbered
  /// Stands inside names (Inc., U.S., St.): the sentence ends only before a word that starts sentences.
  case name
  /// An initial or the name of a thing (A. Pushkin, vitamin C.): as `name`.
  case initial
  /// Ends what it abbreviates (etc., и др., руб.): the sentence ends before a capital, after a number also before one.
  case last
  /// A time of day or a year (6 p.m., 1990 г.): as `last`, but not while it only opens the sentence.
  case time
  /// Short and behind a number, so perhaps a unit that the tables lack: the sentence goes on before a small letter only.
  case perhaps
}

/// The word that stands before a full stop.
struct AbbreviatedWord {
  /// As written, without the full stop.
  let spelling: String
  let offset: Int
  /// The text it stands in, and where the word before it stands, with its punctuation; empty where there is none.
  let text: StreamedText
  let previousRange: Range<Int>

  /// The longest word of the tables, in bytes.
  private static let longest = 20

  /// Tells whether a capital word completes what the abbreviation begins: "5 долл. США", "20 deg. Celsius".
  func isCompleted(by following: FollowingWord) -> Bool {
    if Abbreviation.completions[spelling.lowercased()]?.contains(following.lowercased) ?? false { return true }
    // "В группе А. С. Пушкина".
    return following.isInitial && isCapitalised && spelling.unicodeScalars.count == 1
  }

  var isExclaimingName: Bool { Abbreviation.exclaimingNames.contains(spelling.lowercased()) }

  var abbreviation: Abbreviation {
    guard spelling.utf8.count <= Self.longest else { return .none }
    if spelling.utf8.allSatisfy({ $0.isDigit }) { return spelling.utf8.count <= 3 ? .last : .none }
    let lower = spelling.lowercased()
    let unit = Substring(lower.utf8.drop { $0.isDigit || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ".") })
    return kind(of: String(unit), isNumbered: unit.utf8.count < lower.utf8.count)
  }

  /// The word before it in lower case.
  private var previous: String { text.string(previousRange).lowercased() }

  private var followsNumber: Bool {
    let previous = previous
    return Self.isNumber(previous) || Abbreviation.counts.contains(previous)
  }

  var isCapitalised: Bool {
    spelling.unicodeScalars.first { $0.properties.isAlphabetic }?.properties.isUppercase ?? false
  }

  private func kind(of word: String, isNumbered: Bool) -> Abbreviation {
    guard word.utf8.contains(UInt8(ascii: ".")) else {
      let isLetter = word.unicodeScalars.count == 1
      return isLetter ? letterKind(word, isNumbered: isNumbered) : wordKind(word, isNumbered: isNumbered)
    }
    if let known = Abbreviation.known[word] { return known }
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(\.isLetter) }) else {
      // "с.-х" stands before its noun, "куб.м" is a unit, "Дж.Р" are initials, "main.py" is a word.
      if word.contains(".-") { return .name }
      guard let first = parts.first, let last = parts.last, first.count > 1 else { return .none }
      if Abbreviation.counts.contains("\(first).") { return .last }
      return Abbreviation.known[String(first)] == .prefix && last.count == 1 ? .initial : .none
    }
    if isCapitalised { return .name }
    return parts.allSatisfy { $0.count == 1 } ? .prefix : .none
  }

  private func letterKind(_ letter: String, isNumbered: Bool) -> Abbreviation {
    if isCapitalised {
      // "Plan A." and "You and I." end a sentence; "Albert I." does not.
      if Abbreviation.lettered.contains(previous) { return .perhaps }
      return letter == "i" && Abbreviation.beforePronoun.contains(previous) ? .none : .initial
    }
    if letter == "я" { return .none }
    if isNumbered || followsNumber { return Abbreviation.years.contains(letter) ? .time : .last }
    switch (previous, letter) {
    case ("т.", "д"), ("т.", "п"), ("н.", "э"), ("у.", "е"): return .last
    // Latitudes, longitudes, horsepower and spoons.
    case ("с.", "ш"), ("ю.", "ш"), ("в.", "д"), ("з.", "д"), ("л.", "с"), ("ч.", "л"), ("ст.", "л"): return .last
    case (_, "p"), (_, "c"): return .numbered
    case (_, "v"): return .prefix
    case ("т.", _): return .prefix
    default: return Abbreviation.prefixLetters.contains(letter) ? .prefix : .last
    }
  }

  private func wordKind(_ word: String, isNumbered: Bool) -> Abbreviation {
    if Abbreviation.units.contains(word), isNumbered || followsNumber {
      return Abbreviation.years.contains(word) ? .time : .last
    }
    if isCapitalised, let known = Abbreviation.capitalised[word] { return known }
    switch (previous, word) {
    case ("и", "пр"), ("н.", "ст"), ("ст.", "ст"), ("рт.", "ст"): return .last
    case (_, "пр"): return .prefix
    // "В 1-й пол. XIX в.", but "вымыл пол."
    case (_, "пол") where followsOrdinal: return .name
    default: break
    }
    if let known = Abbreviation.known[word] { return known }
    if isCapitalised, Self.isRoman(word) { return .last }
    // Nobody says a word without a vowel: it may be an abbreviation that the tables lack.
    if mayLackVowels, !word.unicodeScalars.contains(where: { Abbreviation.vowels.contains($0) }) { return .last }
    return mayBeUnit(word) ? .perhaps : .none
  }

  /// Short, in small letters, and right behind digits.
  private func mayBeUnit(_ word: String) -> Bool {
    (2...4).contains(word.count) && word == spelling && previous.utf8.contains { $0.isDigit }
  }

  private var followsOrdinal: Bool {
    let previous = previous
    return previous.utf8.contains { $0.isDigit } || previous.hasPrefix("перв") || previous.hasPrefix("втор")
  }

  /// Short, and not all capitals as "TV" and "ПК" are.
  private var mayLackVowels: Bool {
    let scalars = spelling.unicodeScalars
    return (2...5).contains(scalars.count) && scalars.dropFirst().contains { GlyphKind(scalar: $0.value) == .lower }
  }

  static func isNumber(_ word: String) -> Bool {
    word.utf8.contains { $0.isDigit } || (!word.isEmpty && isRoman(word))
  }

  private static func isRoman(_ word: String) -> Bool {
    word.allSatisfy { "ivxlcіх".contains($0) }
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

// The tables, all in lower case.
extension Abbreviation {
  private static func words(_ text: String) -> Set<String> { Set(text.split { $0.isWhitespace }.map(String.init)) }

  /// English abbreviations only with a capital letter: "Rep. Jones" and "Mass.", but "one more rep." and "its mass."
  fileprivate static let capitalised: [String: Abbreviation] = table([
    (
      .prefix,
      """
      mr mrs ms mx dr prof mt mts ft gen col maj capt cpt lt lieut sgt cpl pvt pfc cmdr comdr cdr brig adm rev fr hon rt
      pres gov sen rep supt amb msgr mgr messrs mme mlle insp det supr atty sra srta br bp abp treas asst
      """
    ),
    (
      .name,
      """
      calif mass fla tex mich ariz conn wash penn ill ala ark colo del ind kan kans minn mont neb nev okla ore tenn wis
      wyo ont que sask ga ky md vt va
      """
    ),
    (.numbered, "mon tue tues wed thu thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec"),
  ])

  fileprivate static let known: [String: Abbreviation] = table([
    (
      .prefix,
      """
      vs cf viz e.g i.e eg ie approx ca incl excl esp aka p.s usu orig resp prev attn
      пр-т пр-кт пр-д б-р о-в п-ов г-н г-жа г-ну г-ном г-на г-жи г-же г-жу гг-н гр-н гр-ка д-р пгт пос дер св свв блж вмч
      прп свт сщмч мч прот проф акад доц чл.-корр чл.-кор напр наприм прибл приблиз ориент
      т.е т.к т.н т.о т.ч см ср гр тов адм инж дж илл прим
      """
    ),
    (
      .numbered,
      """
      no nos nr num n° nº № p pp pg pgs fig figs vol vols ch chap chaps sect art eq eqs par para ver rev ref ext tel apt
      rm hwy rte est op ep pt pts ste bldg blk flt fn ex cl alt pop
      рис стр табл гл разд подразд абз п.п пп п/п подп примеч прил прилож кв корп оф каб ауд комн вл упр эт тел доб вып
      изд ок янв фев февр апр июн июл авг сен сент окт ноя нояб дек
      """
    ),
    (
      .name,
      """
      co inc ltd corp bros jr sr st ave blvd rd ln sq pl ct cir hts pkwy expy fwy tpke trl cres dept div univ inst acad
      assn asst assoc fav emer esq al ph.d b.sc m.sc d.phil med avg mgmt admin exec intl int'l natl nat'l govt gov't mfg dist pty pte
      обл р-н окр респ им яз ул просп пер пл наб бул алл мкр мкрн ген полк подполк кап лейт серж ефр ст станц оз хр
      зам нач зав пом отв пред исп секр гос муниц общ юр физ эл моб доп осн соотв совр техн воен дет отд каф лаб фак уч
      ред сост сб авт перев худож худ реж муз сл арх кн лит журн еп митр архиеп свящ преп
      англ нем фр франц рус лат греч итал исп польск укр яп др.-греч
      кон сер вост зап сев юж выс шир глуб диам абс отн назв
      """
    ),
    (
      .last,
      """
      etc ff misc min max sec hr temp abbr cont ibid
      др т.д т.п н.э у.е с.ш ю.ш в.д з.д л.с коп руб дол долл тыс млн млрд трлн шт чел экз мин сек макс род ум сокр разг
      устар букв ед изм уп упак бут пач компл след спец рук хим биол мат мед раб канд докт темп
      """
    ),
    (.time, "a.m p.m гг вв"),
  ])

  private static func table(_ kinds: [(Abbreviation, String)]) -> [String: Abbreviation] {
    var table: [String: Abbreviation] = [:]
    for (kind, list) in kinds { for word in words(list) { table[word] = kind } }
    return table
  }

  /// Units, which are abbreviations only after a number: "5 in." but "come in.".
  fileprivate static let units = words(
    """
    in ft yd yds mi oz lb lbs min mins sec secs hr hrs yr yrs mo mos wk wks kg km cm mm mph kph tbsp tbsps tsp tsps gal
    gals pt pts qt qts wt sq cu max deg doz pct bbl pcs pkg cal kcal rev revs approx
    г гг в вв мин сек час ч км м см мм кг мг т л мл га руб коп дол долл тыс млн млрд трлн шт чел ст кв куб пог эт
    град проц сут нед мес гр кал ккал ед экз дюйм
    """)

  /// The units of years, which open a sentence without ending it: "В 1990 г. Пушкин …".
  fileprivate static let years = words("г гг в вв")

  /// Letters that stand before a name: "г. Москва", "с. 12", "о. Байкал".
  fileprivate static let prefixLetters = words("г д с п т к р м л ч в о ж х н ш б ф")

  /// Words before a unit that count as its number: "50 кв. м.", "5 тыс. руб.".
  fileprivate static let counts = words(
    "кв. куб. пог. тыс. млн. млн млрд. млрд трлн. трлн усл. sq. cu. fl. lin. bn. mln.")

  /// The capital words that complete an abbreviation.
  fileprivate static let completions: [String: Set<String>] = {
    let countries = words("сша рф ссср канады австралии гонконга сингапура тайваня")
    let degrees = words("c f n s e w celsius fahrenheit kelvin цельсия фаренгейта кельвина")
    return [
      "долл": countries, "дол": countries, "руб": countries, "р": countries, "коп": countries, "deg": degrees,
      "degs": degrees, "град": degrees,
    ]
  }()

  /// Words for what has a letter as its name: "Plan A.", "vitamin C.", "I got an A."
  fileprivate static let lettered = words(
    """
    a an plan building vitamin hepatitis grade class option section type exhibit appendix part group block room gate
    terminal platform line route bus seat row team side level point figure table size answer question item step version
    unit wing zone channel page track chapter studio deck door lot stage phase schedule annex column case drive key
    note letter entrance exit hall tower suite apartment war category variant model batch plant deg.
        план плана плану плане планом вариант варианта варианте вариантом группа группе группу группы класс класса классе
    корпус корпуса корпусе витамин витамина блок блока блоке приложение приложении раздел раздела разделе пункт пункта
    пункте тип типа ответ зал зале ряд сектор секторе подъезд подъезде категория категории гепатит гепатита секция
    секции терминал терминале буква букву буквы этап этапа литера точка точку точки
    """)

  /// Words after which a lone "I" is the pronoun.
  fileprivate static let beforePronoun = words("and or than as but am do did can could have will would so nor is was")

  fileprivate static let vowels = Set("aeiouyàáâäæèéêëìíîïòóôöøùúûüýаеёиоуыэюяіїєў0123456789-'’".unicodeScalars)

  /// Names that end in an exclamation mark.
  fileprivate static let exclaimingNames = words("yahoo jeopardy joomla kahoot yum wham")

  /// Words that, with a capital after an abbreviation, begin a sentence rather than continue a name.
  static let sentenceStarters = words(
    """
    a about after again all also although always an and another any anyone are aren as at be because been before
    both but by can cannot could couldn did didn do does doesn don dozens during each either even every everybody
    everyone everything few finally first for from given had has hasn have haven he hello her here hers his how
    however hundreds i if in indeed instead is isn it its just last later let like many maybe meanwhile millions
    more moreover most much my neither never next no nobody none nor not nothing now of on once one only or other
    others our over perhaps please she should since so some somebody someone something sometimes soon still such
    sure tell thanks that the their them then there therefore these they this those though thousands thus to today
    together tomorrow tonight too two under unfortunately until us use was wasn we well were what whatever when
    where whether which while who whose why with without would yes yesterday yet you your mr mrs ms dr prof
    а без благодаря более больше будет был была были было в вам вас ваш ваша ваши ведь весь вечером во вообще вот
    впрочем все всё всего вскоре вчера вы где да давайте далее даже для до днём его ее её если есть ещё еще за
    завтра затем здесь и из или именно иногда их к каждая каждое каждый как какая какие какой когда конечно кроме
    кстати кто куда ли либо лишь много можно мои мой моя мы на над надо наконец например напротив нас наш наша наши
    не некоторые несмотря нет ни никто ничего но ну нужно о об обычно однако он она они оно от очень перед по под
    пожалуйста пока после потом потому поэтому при про просто раньше с сегодня сейчас скоро сначала снова со спасибо
    среди так такая также такие такой там твой те тебе тем теперь то тогда тоже только том тот ту тут ты у уже утром
    хорошо хотя чего чем через что чтобы эта эти это этот эту я
    """)

  /// Words that open a phrase of time or place: "At 5 a.m. Mr. Smith …" has not ended at its first full stop.
  static let openingPrepositions = words(
    """
    about after around at before between by from in on since till until
    в во до к ко на около от по после с со
    """)

  /// What a sentence goes on with after a time of day: "9 a.m. Eastern", "at 8 p.m. Monday".
  static let afterTime = words(
    """
    est edt cst cdt mst mdt pst pdt et ct pt gmt utc bst cet msk eastern central mountain pacific moscow london
    monday tuesday wednesday thursday friday saturday sunday
    """)
}
