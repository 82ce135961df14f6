//! Which language a text is in, to pick its stems.
//!
//! Most pages are in English or in a language whose script or commonest words give it
//! away, so the trigram detector is asked only when those do not.

use whatlang::{Detector, Lang as Detected};

use super::scan::{WordKind, Words, is_cjk};
use crate::model::Lang;

/// Words looked at.
const SAMPLE_WORDS: usize = 150;
/// Characters given to the trigram detector.
const SAMPLE_CHARS: usize = 600;
/// Share of English function words that settles it.
const ENGLISH_SHARE: f64 = 0.15;
/// Below this the detector is guessing.
const LEAST_CONFIDENCE: f64 = 0.8;

/// The language of a text; English where it cannot be told.
pub(crate) fn detect(text: &str) -> Lang {
    let mut words = 0_u32;
    let mut english = 0_u32;
    let mut cjk = [0_u32; 3];
    let mut end = 0;
    for word in Words::new(text).take(SAMPLE_WORDS) {
        let source = &text[word.start..word.end];
        end = word.end;
        if word.kind == WordKind::Cjk {
            count_scripts(source, &mut cjk);
            continue;
        }
        words += 1;
        english += u32::from(is_english(source));
    }
    if let Some(lang) = cjk_language(cjk, words) {
        return lang;
    }
    if f64::from(english) >= ENGLISH_SHARE * f64::from(words) {
        return Lang::En;
    }
    by_trigrams(&text[..end])
}

/// Whether a word is one of the commonest English ones.
fn is_english(word: &str) -> bool {
    let mut lower = [0; 5];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"the"
            | b"of"
            | b"and"
            | b"to"
            | b"in"
            | b"is"
            | b"for"
            | b"that"
            | b"this"
            | b"with"
            | b"are"
            | b"be"
            | b"on"
            | b"as"
            | b"by"
            | b"it"
            | b"or"
            | b"you"
            | b"can"
            | b"from"
            | b"an"
            | b"if"
            | b"at"
            | b"your"
            | b"not"
            | b"will"
            | b"have"
            | b"which"
            | b"when"
            | b"we"
    )
}

fn count_scripts(run: &str, [kana, hangul, han]: &mut [u32; 3]) {
    for c in run.chars().filter(|c| is_cjk(*c)) {
        match c {
            '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}' => *kana += 1,
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7FF}' => *hangul += 1,
            _ => *han += 1,
        }
    }
}

/// Two CJK characters weigh about one word.
fn cjk_language([kana, hangul, han]: [u32; 3], words: u32) -> Option<Lang> {
    if (kana + hangul + han) / 2 <= words {
        return None;
    }
    Some(match () {
        () if hangul > kana + han => Lang::Ko,
        () if kana > 0 => Lang::Ja,
        () if hangul > 0 => Lang::Ko,
        () => Lang::Zh,
    })
}

fn by_trigrams(text: &str) -> Lang {
    let sample: String = text.chars().take(SAMPLE_CHARS).collect();
    let Some(info) = Detector::new().detect(&sample) else {
        return Lang::En;
    };
    if info.script() != whatlang::Script::Latin {
        return Lang::Other;
    }
    if info.confidence() < LEAST_CONFIDENCE {
        return Lang::En;
    }
    match info.lang() {
        Detected::Eng => Lang::En,
        Detected::Deu => Lang::De,
        Detected::Fra => Lang::Fr,
        Detected::Spa => Lang::Es,
        Detected::Ita => Lang::It,
        Detected::Nld => Lang::Nl,
        Detected::Por => Lang::Pt,
        // Short texts in Latin letters are called anything.
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_script_and_words() {
        let cases = [
            (
                "A sailing is cancelled when the gauge at the outer pier reads nine or more",
                Lang::En,
            ),
            (
                "Die Rechnung wird nach der Prüfung durch die Buchhaltung freigegeben",
                Lang::De,
            ),
            (
                "La facture est validée par le service comptable avant la fin du mois",
                Lang::Fr,
            ),
            ("冬季の時刻表を確認してください", Lang::Ja),
            ("겨울 시간표를 확인하십시오", Lang::Ko),
            ("请确认冬季时刻表", Lang::Zh),
            ("kubectl get pods", Lang::En),
            ("", Lang::En),
            (
                "Это описание процесса восстановления сервиса после сбоя",
                Lang::Other,
            ),
        ];
        for (text, lang) in cases {
            assert_eq!(detect(text), lang, "{text}");
        }
    }
}
