//! What an author told a computed list, read leniently: unknown words mean the default.

use crate::analysis::fold_keyword;
use crate::cql::plan::{Clause, Filter, SortKey};
use crate::model::GeneratedList;

/// Parameters by lower-case name.
pub(super) struct Params<'a>(pub(super) &'a GeneratedList);

impl<'a> Params<'a> {
    /// The value of the first of these that has one.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a str> {
        let value = |name: &&str| {
            let mut all = self.0.parameters.iter();
            let found = all.find(|(key, value)| key == name && !value.trim().is_empty());
            found.map(|(_, value)| value.trim())
        };
        names.iter().find_map(value)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.first(&[name])
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn number(&self, names: &[&str]) -> Option<usize> {
        self.first(names)?.parse().ok()
    }

    /// Values between commas.
    pub(super) fn list(&self, names: &[&str]) -> Vec<&'a str> {
        let parts = self.first(names).unwrap_or_default().split([',', ';']);
        parts
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// Labels, between commas or white space; `+` demands one, `-` excludes it.
    pub(super) fn labels(&self) -> Filter {
        let text = self.first(&["labels", "label"]).unwrap_or_default();
        let words = text.split([',', ';', ' ']).map(str::trim);
        let all = self
            .first(&["operator"])
            .is_some_and(|operator| operator.eq_ignore_ascii_case("and"));
        let (mut any, mut must) = (Vec::new(), Vec::new());
        for word in words.filter(|word| !word.is_empty()) {
            match (word.strip_prefix('-'), word.strip_prefix('+')) {
                (Some(not), _) => must.push(Filter::Not(Box::new(is("label", [not])))),
                (_, Some(label)) => must.push(is("label", [label])),
                _ if all => must.push(is("label", [word])),
                _ => any.push(word),
            }
        }
        if !any.is_empty() {
            must.push(is("label", any));
        }
        Filter::And(must)
    }

    /// The spaces that are meant, from a page in the space `here`. `default` stands for no
    /// value at all.
    pub(super) fn spaces(&self, names: &[&str], here: Option<&str>, default: Spaces) -> Filter {
        let mut any = Vec::new();
        let mut none = Vec::new();
        for key in self.list(names) {
            let (place, key) = match key.strip_prefix('-') {
                Some(key) => (&mut none, key),
                None => (&mut any, key.trim_start_matches('+')),
            };
            place.push(match key.to_ascii_lowercase().as_str() {
                "@all" | "*" | "conf_all" => Filter::All,
                "@self" | "currentspace()" | "conf_current" => in_space(here),
                "@global" | "conf_global" => is("space_type", ["global"]),
                "@personal" | "conf_personal" => is("space_type", ["personal"]),
                _ => is("space", [key]),
            });
        }
        if any.is_empty() {
            any.push(match default {
                Spaces::All => Filter::All,
                Spaces::Here => in_space(here),
            });
        }
        let mut parts = vec![Filter::Or(any)];
        parts.extend(none.into_iter().map(|filter| Filter::Not(Box::new(filter))));
        Filter::And(parts)
    }

    /// The content types that are meant; none: every type.
    pub(super) fn types(&self, names: &[&str]) -> Filter {
        let types =
            self.list(names)
                .into_iter()
                .map(|name| match name.to_ascii_lowercase().as_str() {
                    "blog" | "blogs" | "news" | "blogposts" => "blogpost".to_owned(),
                    "pages" => "page".to_owned(),
                    "comments" => "comment".to_owned(),
                    "attachments" | "file" | "files" => "attachment".to_owned(),
                    name => name.to_owned(),
                });
        let types: Vec<String> = types.filter(|name| name != "all").collect();
        if types.is_empty() {
            return Filter::All;
        }
        Filter::Clause(Clause::Terms {
            column: "type",
            values: types,
        })
    }

    /// The order that `sort` asks for; `reverse` turns it round.
    pub(super) fn order(&self) -> Option<SortKey> {
        let by = self.first(&["sort", "sortby"])?.to_ascii_lowercase();
        let (column, descending) = match by.as_str() {
            "title" | "name" | "bitwise" | "natural" => ("title_sort", false),
            "creation" | "created" | "createddate" => ("created", false),
            "modified" | "date" | "lastmodified" => ("lastmodified", false),
            _ => return None,
        };
        let descending = descending != self.reversed();
        Some(SortKey { column, descending })
    }

    pub(super) fn reversed(&self) -> bool {
        self.flag("reverse")
            || self.flag("reversesort")
            || self
                .first(&["sortorder"])
                .is_some_and(|order| order.to_ascii_lowercase().starts_with("desc"))
    }
}

/// What no space at all means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spaces {
    All,
    Here,
}

/// One of these values, folded as columns are.
pub(super) fn is<'v>(column: &'static str, values: impl IntoIterator<Item = &'v str>) -> Filter {
    let values = values.into_iter().map(fold_keyword);
    Filter::Clause(Clause::Terms {
        column,
        values: values.collect(),
    })
}

fn in_space(key: Option<&str>) -> Filter {
    key.map_or(Filter::None, |key| is("space", [key]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(parameters: &[(&str, &str)]) -> GeneratedList {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        GeneratedList {
            name: "contentbylabel".to_owned(),
            parameters: parameters.iter().map(pair).collect(),
        }
    }

    #[test]
    fn labels_are_any_all_or_none() {
        let check = |parameters: &[(&str, &str)], expected: &[Filter]| {
            let list = list(parameters);
            assert_eq!(
                Params(&list).labels(),
                Filter::And(expected.to_vec()),
                "{parameters:?}"
            );
        };
        check(&[], &[]);
        check(&[("labels", "A, b")], &[is("label", ["a", "b"])]);
        check(
            &[("label", "a b"), ("operator", "AND")],
            &[is("label", ["a"]), is("label", ["b"])],
        );
        check(
            &[("labels", "+a,-b,c")],
            &[
                is("label", ["a"]),
                Filter::Not(Box::new(is("label", ["b"]))),
                is("label", ["c"]),
            ],
        );
    }

    #[test]
    fn spaces_are_named_or_meant() {
        let check = |value: &str, expected: Filter| {
            let list = list(&[("spaces", value)]);
            let spaces = Params(&list).spaces(&["spaces"], Some("OPS"), Spaces::Here);
            let Filter::And(parts) = spaces else { panic!() };
            assert_eq!(parts[0], Filter::Or(vec![expected]), "{value}");
        };
        check("", is("space", ["ops"]));
        check("@self", is("space", ["ops"]));
        check("@all", Filter::All);
        check("Moor", is("space", ["moor"]));
        check("@personal", is("space_type", ["personal"]));
    }
}
