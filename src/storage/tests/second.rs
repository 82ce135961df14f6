//! A second opinion on HTML: every word that html2text shows of a page is one of ours too,
//! of HTML that people put into a macro as of a page that the server rendered.
//!
//! Both stand on html5ever, but html2text lets it build its whole tree by itself and walks
//! that tree by rules of its own. So what our bounds, our list of nodes, the way through
//! storage format or a class would take away is missed here.
#![allow(
    clippy::disallowed_methods,
    reason = "reads a corpus that is not part of the package"
)]

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use html2text::config;
use proptest::prelude::*;

use super::{assert_segments, convert_as, storage, words};
use crate::model::{Converted, Representation};

/// Wide enough that no word is broken.
const WIDTH: usize = 2000;

/// What html2text shows.
fn shown(html: &str) -> String {
    // Cells stand one after the other, so that none is narrow.
    let plain = config::plain_no_decorate().raw_mode(true);
    plain.string_from_read(html.as_bytes(), WIDTH).unwrap()
}

/// A body whose macro holds this HTML.
fn typed(html: &str) -> Converted {
    let html = html.replace("]]>", "]]]]><![CDATA[>");
    storage(&format!(
        "<ac:structured-macro ac:name=\"html\"><ac:plain-text-body><![CDATA[{html}]]></ac:plain-text-body></ac:structured-macro>"
    ))
}

fn rendered(html: &str) -> Converted {
    convert_as(Representation::Html, html)
}

/// Words that html2text shows and we do not, as often as they are missing. What says what a
/// picture shows stands in our Markdown alone.
fn lost(html: &str, ours: &Converted) -> Vec<String> {
    assert_segments(ours);
    let mut counts = count(&ours.text);
    for (word, in_markdown) in count(&ours.markdown) {
        let in_text = counts.entry(word).or_default();
        *in_text = in_markdown.max(*in_text);
    }
    let theirs = shown(html);
    let read = theirs
        .split_whitespace()
        .filter(|word| !is_number_of_item(word));
    let missing = read.flat_map(words).filter(|word| {
        let count = counts.entry(word).or_default();
        *count -= 1;
        *count < 0
    });
    missing.map(str::to_owned).collect()
}

/// Items are counted in another way: one with nothing in it is none of ours.
fn is_number_of_item(word: &str) -> bool {
    let word = word.trim_matches('│');
    let number = word.strip_suffix('.').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn count(text: &str) -> HashMap<&str, i32> {
    let mut counts = HashMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// A page in both ways; one with elements of storage format is not taken for a rendered one.
fn both(html: &str) -> impl Iterator<Item = Converted> {
    let foreign = html.contains("<ac:");
    [typed(html)]
        .into_iter()
        .chain((!foreign).then(|| rendered(html)))
}

#[test]
fn no_word_is_lost_that_another_reader_shows() {
    for html in PAGES {
        // Not everything that ends a word here does so there.
        let html = &html.replace('<', " <");
        for ours in both(html) {
            assert_eq!(lost(html, &ours), Vec::<String>::new(), "{html}");
        }
    }
}

const PAGES: &[&str] = &[
    "plain words",
    "<p>one<p>two<br>three<hr>four",
    "<h1>one</h1><h2>two<p>three</h2><h6>four</h7>five",
    "<ul><li>one<li>two<ul><li>three</ul><li>four</ul>five",
    "<ol start=7><li>one<p>two<li>three<div><li>four</div></ol>",
    "<li>one<li>two",
    "<dl><dt>one<dd>two<dt>three<dd>four<p>five</dl>six",
    "<table><caption>one<tr><th>two<th>three<tr><td colspan=2>four</table>five",
    "<table><thead><tr><th>one<tbody><tr><td>two<tfoot><tr><td>three</table>",
    "<table>one<tr>two<td>three</td>four</tr>five</table>six",
    "<table><tr><td><table><tr><td>one</table>two<td>three</table>",
    "<td>one<tr>two<tbody>three",
    "<table><tr><td rowspan=2>one<td>two<tr><td>three</table>",
    "<p><b>one<i>two</b>three</i>four<p>five",
    "<a href=/x>one<a href=/y>two</a>three",
    "<a href=/x><div>one</div><p>two</p></a>three",
    "<a name=x>one</a><a>two</a>",
    "<blockquote>one<blockquote>two</blockquote>three</blockquote>",
    "<pre>one\n  two\n<b>three</b></pre>four",
    "<pre><code class=language-x>one</code> two <a href=/x>three</a></pre>",
    "<code>one <b>two</b></code> <kbd>three</kbd> <tt>four</tt>",
    "<form>one <input value=x><select><option>two <option>three </select><button>four</button></form>",
    "<form><p>one<form><p>two</form>three</form>four",
    "<fieldset><legend>one</legend><label>two<input></label></fieldset>",
    "<details><summary>one</summary>two</details><dialog open>three</dialog>",
    "<figure>one<figcaption>two</figcaption></figure>",
    "<article><header>one</header><section>two<nav>three</nav></section><footer>four</footer></article>",
    "<div id=header>one</div><div id=footer>two</div><div class=greybox>three</div>",
    "<div class=wiki-content>one</div>two<div class=wiki-content>three</div>",
    "<a id=main-content></a>one<p>two",
    "<img alt=one src=/x.png><img alt='two three' src=/y.png>four",
    "<svg><title>one</title><g/></svg>two",
    "<svg><foreignObject><p>one</p></foreignObject></svg>two",
    "<center>one<font size=5>two</font></center><big>three</big><nobr>four<nobr>five",
    "<listing>one</listing>two<dir><li>three</dir><marquee>four</marquee>",
    "<unheard-of>one<other:name>two</other:name></unheard-of>three",
    "<ac:link>one</ac:link><ac:parameter>two</ac:parameter><ri:page>three</ri:page><ac:placeholder>four</ac:placeholder>",
    "<ac:task-list><ac:task><ac:task-id>one</ac:task-id><ac:task-body>two</ac:task-body></ac:task></ac:task-list>",
    "<ul class=task-list><li class=checked>one<li>two</ul>",
    "<div class=panel><div class=panelHeader>one</div><div class=panelContent>two</div></div>",
    "<div class='code panel'><div class=panelContent><pre>one <span class=status-macro>two</span> three</pre></div></div>",
    "<pre>one <span data-macro-name=status>two</span> <ul class=inline-task-list><li data-inline-task-id=3>three</ul></pre>",
    "<div class=expand-container><div class=expand-control><span class=expand-control-text>one</span></div><div class=expand-content>two</div></div>",
    "<div class=confluence-information-macro-tip><p class=title>one</p><div class=confluence-information-macro-body>two</div></div>",
    "<p>one<span style='backface-visibility: hidden'>two</span> <span style='background: url(display:none)'>three</span>",
    "one&amptwo &copy three&nbsp;four &notit; &#x66;ive &bogus; six",
    "one<!-- x -->two<!-->three<!--x--!>four<![CDATA[x]]>five<?x ?>six",
    "one < two <3 three <- four",
    "one</p>two</br>three</div>four</body>five</html>six",
    "<div><p>one</div>two</span></b></td></table>three",
    "<ruby>one<rt>two</rt></ruby> <bdo dir=rtl>three</bdo> <wbr>four<time datetime=2031-01-02>five</time>",
    "<p>one<table><tr><td>two</table>three<h1>four",
    "<body>one<body>two",
    "<object data=/x>one</object>two<canvas>three</canvas>",
];

/// A whole document in a macro is read as far as its body goes.
#[test]
fn a_whole_document_keeps_its_body() {
    let document = "<!DOCTYPE html><html><head><meta charset=utf-8><title>t</title><style>s</style></head><body class=wiki-content><div id=header>one</div><div id=main-content>two</div>three<script>r</script></body></html>four";
    let ours = typed(document);
    assert_eq!(lost(document, &ours), Vec::<String>::new());
    assert_eq!(ours.markdown, "one\n\ntwo\n\nthreefour");
}

/// What html2text shows and a browser does not.
#[test]
fn what_a_browser_does_not_show_is_not_said() {
    for (html, hidden, _why) in [
        ("a <p hidden>b", "b", "its author said so"),
        ("a <p style='display: none'>b", "b", "styles are not read"),
        ("a <title>b</title>", "b", "the name of a page is not on it"),
        ("a <template>b</template>", "", "left out by both"),
        ("a <noscript>b</noscript>", "b", "browsers run scripts"),
        ("a <noembed>b</noembed>", "b", "browsers know better"),
        ("a <iframe>b</iframe>", "b", "browsers know iframes"),
        ("a <video>b</video>", "b", "browsers know videos"),
        (
            "a <datalist><option>b</datalist>",
            "b",
            "offered, not shown",
        ),
        ("a <svg><text>b</text></svg>", "", "letters of a drawing"),
    ] {
        for ours in both(html) {
            assert_eq!(lost(html, &ours).concat(), hidden, "{html}");
            assert_eq!(ours.text.trim(), "a", "{html}");
        }
    }
}

/// Tags and texts of which pages are made, such as both readers show.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<div class=panel>",
    "<div class='code panel'>",
    "<ul>",
    "<ol>",
    "<li>",
    "</li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>",
    "</td>",
    "</table>",
    "<caption>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href=/x>",
    "</a>",
    "<span>",
    "</span>",
    "<font color=red>",
    "</font>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<h2>",
    "</h2>",
    "<blockquote>",
    "</blockquote>",
    "<dl>",
    "<dt>",
    "<dd>",
    "</dl>",
    "<form>",
    "</form>",
    "<button>",
    "<br>",
    "<hr>",
    "<nobr>",
    "<object>",
    "</object>",
    "<center>",
    "<ac:link>",
    "<ac:parameter>",
    "</ac:parameter>",
    "<!-- x -->",
    "&amp;",
    " ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_word_is_lost_in_any_mixture(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
    ) {
        let worded = pieces.iter().enumerate();
        let html: String = worded
            .flat_map(|(at, piece)| [(*piece).to_owned(), format!(" w{at}w ")])
            .collect();
        for ours in both(&html) {
            prop_assert_eq!(lost(&html, &ours), Vec::<String>::new(), "{}", html);
        }
    }
}

/// Rendered pages that somebody has: the folder that `HEADWATER_CORPUS` names.
#[test]
fn no_word_of_real_pages_is_lost() {
    let Some(folder) = super::corpus::corpus() else {
        return;
    };
    let views = files(&folder.join("api/recordings"), "json");
    let views = views.iter().filter_map(|file| {
        let recorded: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        super::corpus::recorded_page(&recorded).2
    });
    let pages = files(&folder.join("corpus/export/html-export"), "html");
    let pages = pages.iter().map(|file| fs::read_to_string(file).unwrap());
    let mut read = 0;
    for view in views {
        let view = without_pictures(&view);
        for ours in both(&view) {
            assert_eq!(lost(&view, &ours), Vec::<String>::new());
        }
        read += 1;
    }
    // What stands around the content of a whole page is content in a macro.
    for page in pages {
        let page = without_pictures(&page);
        assert_eq!(lost(&page, &typed(&page)), Vec::<String>::new());
        read += 1;
    }
    writeln!(std::io::stderr(), "{read} rendered pages").unwrap();
    assert!(read > 0);
}

/// Pictures of which html2text shows what we do not: that of an emoji is read as the emoji and
/// not as its name, and the name of a file is no description of what it shows.
fn without_pictures(page: &str) -> String {
    let mut parts = page.split("<img");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>') {
            Some((tag, rest)) if tag.contains("emoticon") || is_named_by_file(tag) => {
                out.push_str(rest);
            }
            _ => out.extend(["<img", part]),
        }
    }
    out
}

fn is_named_by_file(img: &str) -> bool {
    let alt = img.split_once("alt=\"").map(|(_, rest)| rest);
    let alt = alt.and_then(|rest| rest.split('"').next());
    alt.is_some_and(super::super::media::is_file_name)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == extension));
    files.sort();
    files
}
