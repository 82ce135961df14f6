//! Words that ask rather than say: dropped from a question, never from the index.
//!
//! The language of a question is not known. It is guessed by which list has most of its
//! words, and only that list is used: `die` is an article in one language and what a server
//! does in another.

use crate::model::Lang;

/// One list for each language that has one here.
const LISTS: &[(Lang, &[&str])] = &[
    (Lang::En, EN),
    (Lang::De, DE),
    (Lang::Fr, FR),
    (Lang::Es, ES),
    (Lang::It, IT),
    (Lang::Nl, NL),
    (Lang::Pt, PT),
];

const EN: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how",
    "i", "i'm", "if", "in", "into", "is", "it", "its", "may", "me", "might", "must", "my", "of",
    "on", "or", "our", "please", "shall", "she", "should", "so", "some", "tell", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "us", "was",
    "we", "were", "what", "what's", "when", "where", "which", "who", "whom", "whose", "why",
    "will", "with", "would", "you", "your",
];

const DE: &[&str] = &[
    "aber", "als", "am", "an", "auf", "aus", "bei", "bin", "bis", "bitte", "da", "damit", "dann",
    "das", "dass", "dem", "den", "denn", "der", "des", "die", "dies", "diese", "dieser", "dieses",
    "du", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "er", "es", "für", "gibt",
    "hat", "haben", "ich", "ihr", "im", "in", "ins", "ist", "kann", "kannst", "können", "man",
    "mein", "meine", "mich", "mir", "mit", "muss", "müssen", "nach", "ob", "oder", "sein", "seine",
    "sich", "sie", "sind", "soll", "sollen", "über", "um", "und", "uns", "unser", "unsere", "vom",
    "von", "vor", "wann", "war", "warum", "was", "welche", "welchem", "welchen", "welcher",
    "welches", "wem", "wen", "wenn", "wer", "werden", "wie", "wieso", "wir", "wird", "wo", "wofür",
    "woher", "wohin", "zu", "zum", "zur",
];

const FR: &[&str] = &[
    "à",
    "au",
    "aux",
    "avec",
    "avoir",
    "ce",
    "ces",
    "cet",
    "cette",
    "comment",
    "dans",
    "de",
    "des",
    "du",
    "elle",
    "en",
    "est",
    "est-ce",
    "et",
    "être",
    "fait",
    "faire",
    "faut",
    "il",
    "ils",
    "j'ai",
    "je",
    "la",
    "le",
    "les",
    "leur",
    "lui",
    "ma",
    "mais",
    "me",
    "mes",
    "moi",
    "mon",
    "nos",
    "notre",
    "nous",
    "on",
    "ont",
    "ou",
    "où",
    "par",
    "peut",
    "peux",
    "pour",
    "pourquoi",
    "puis-je",
    "qu'est-ce",
    "quand",
    "que",
    "quel",
    "quelle",
    "quelles",
    "quels",
    "qui",
    "quoi",
    "sa",
    "se",
    "ses",
    "son",
    "sont",
    "sur",
    "ta",
    "tu",
    "un",
    "une",
    "vos",
    "votre",
    "vous",
    "y",
];

const ES: &[&str] = &[
    "a", "al", "como", "cómo", "con", "cual", "cuál", "cuáles", "cuando", "cuándo", "de", "del",
    "donde", "dónde", "e", "el", "ella", "ellos", "en", "es", "esta", "está", "están", "estas",
    "este", "esto", "estos", "hay", "la", "las", "le", "lo", "los", "me", "mi", "mis", "nos",
    "nuestro", "nuestra", "o", "para", "pero", "por", "puede", "puedo", "que", "qué", "quien",
    "quién", "se", "ser", "si", "son", "su", "sus", "tu", "un", "una", "uno", "unos", "y", "yo",
];

const IT: &[&str] = &[
    "a", "ad", "ai", "al", "alla", "alle", "che", "chi", "ci", "col", "come", "con", "così",
    "cosa", "da", "dai", "dal", "dalla", "degli", "dei", "del", "della", "delle", "di", "dove",
    "e", "è", "ed", "gli", "ha", "hanno", "ho", "i", "il", "in", "io", "la", "le", "lo", "loro",
    "ma", "mi", "mio", "nei", "nel", "nella", "noi", "o", "per", "perché", "posso", "può", "qual",
    "quale", "quali", "quando", "questo", "questa", "se", "si", "sono", "su", "sul", "sulla",
    "tra", "un", "una", "uno",
];

const NL: &[&str] = &[
    "aan", "als", "bij", "dan", "dat", "de", "deze", "die", "dit", "door", "een", "en", "er",
    "heb", "heeft", "het", "hoe", "ik", "in", "is", "je", "kan", "kunnen", "maar", "me", "met",
    "mijn", "moet", "moeten", "na", "naar", "of", "om", "onze", "ons", "op", "over", "te", "tot",
    "uit", "van", "voor", "waar", "waarom", "wanneer", "was", "wat", "we", "welk", "welke", "wie",
    "wij", "worden", "wordt", "ze", "zich", "zijn", "zonder",
];

const PT: &[&str] = &[
    "a", "ao", "aos", "as", "às", "com", "como", "da", "das", "de", "do", "dos", "e", "é", "ela",
    "ele", "em", "esta", "está", "este", "eu", "foi", "há", "isso", "isto", "lhe", "mas", "me",
    "meu", "minha", "na", "nas", "no", "nos", "nossa", "nosso", "o", "onde", "os", "ou", "para",
    "pela", "pelo", "por", "porque", "posso", "pode", "qual", "quais", "quando", "que", "quem",
    "se", "ser", "seu", "sua", "são", "um", "uma",
];

/// How many words of a list show its language, English excepted, where one is enough.
const ENOUGH: usize = 2;

/// The language that the words of a question give away.
pub(crate) fn guess<'a>(words: impl Iterator<Item = &'a str> + Clone) -> Option<Lang> {
    let mut best = None;
    for (lang, list) in LISTS {
        let hits = words.clone().filter(|word| has(list, word)).count();
        let enough = if *lang == Lang::En { 1 } else { ENOUGH };
        // A later list must have more, so a draw goes to the earlier one.
        if hits >= enough && best.is_none_or(|(_, most)| hits > most) {
            best = Some((*lang, hits));
        }
    }
    best.map(|(lang, _)| lang)
}

/// Whether a word only asks, in this language.
pub(crate) fn is_stop_word(word: &str, lang: Lang) -> bool {
    LISTS
        .iter()
        .any(|(of, list)| *of == lang && has(list, word))
}

fn has(list: &[&str], word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // An acronym is a name: `IT`, `US`, `WHO`.
    let acronym = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
    !acronym && list.contains(&word.to_lowercase().replace('’', "'").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(question: &str, lang: impl Into<Option<Lang>>, kept: &[&str]) {
        let lang = lang.into();
        let words = question.split_whitespace();
        let guessed = guess(words.clone());
        assert_eq!(guessed, lang, "{question}");
        let left = words.filter(|word| guessed.is_none_or(|lang| !is_stop_word(word, lang)));
        assert_eq!(left.collect::<Vec<_>>(), kept, "{question}");
    }

    #[test]
    fn questions_keep_what_they_are_about() {
        check(
            "How do I reset my badge?",
            Some(Lang::En),
            &["reset", "badge?"],
        );
        check("why did the server die", Some(Lang::En), &["server", "die"]);
        check("server die", None, &["server", "die"]);
        check(
            "wann wird die Fähre gestrichen",
            Some(Lang::De),
            &["Fähre", "gestrichen"],
        );
        check(
            "comment est-ce que je fais la réservation",
            Some(Lang::Fr),
            &["fais", "réservation"],
        );
        check("what is IT support", Some(Lang::En), &["IT", "support"]);
        check("¿dónde está el horario?", Some(Lang::Es), &["horario?"]);
        check("gauge", None, &["gauge"]);
    }

    #[test]
    fn lists_are_lower_case() {
        for (lang, list) in LISTS {
            for word in *list {
                assert_eq!(word.to_lowercase(), *word, "{lang:?}");
            }
        }
    }
}
