//! What a query is read against: time, zone, who asks, and what the site is known to have.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::dates::Calendar;
use super::fields::Beside;
use crate::model::{Directory, Told, User};

/// Where and for whom a query is read.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    pub(crate) now: Timestamp,
    /// Dates without a zone are in this one.
    pub(crate) zone: TimeZone,
    /// Undocumented on the server; Monday unless set otherwise.
    pub(crate) week_start: Weekday,
    /// `currentUser()`; nobody for anonymous callers and for the service itself.
    pub(crate) viewer: Option<&'a User>,
    /// `currentSpace()`, from `cqlcontext`.
    pub(crate) space_key: Option<&'a str>,
    /// `favouriteSpaces()`: keys of the spaces that the viewer has starred.
    pub(crate) starred_spaces: &'a BTreeSet<String>,
    /// What can be asked beside content itself.
    pub(crate) told: &'a Told,
    /// Nothing is hidden from whoever asks, so hints may name whatever is there.
    pub(crate) sees_all: bool,
    pub(crate) people: &'a dyn People,
    /// Keys of the spaces that may be named, to warn of a key that is not there. `None`: not known.
    pub(crate) space_keys: Option<&'a [String]>,
    /// Warn of what Data Center reads otherwise.
    pub(crate) data_center: bool,
}

static NO_SPACES: BTreeSet<String> = BTreeSet::new();
static NOTHING_TOLD: Told = Told {
    watchers: false,
    favourites: false,
    properties: None,
};

impl Context<'_> {
    /// A context without a site: nobody asks, nothing is known.
    pub(crate) fn detached(now: Timestamp) -> Self {
        Self {
            now,
            zone: TimeZone::UTC,
            week_start: Weekday::Monday,
            viewer: None,
            space_key: None,
            starred_spaces: &NO_SPACES,
            told: &NOTHING_TOLD,
            sees_all: true,
            people: &Nobody,
            space_keys: None,
            data_center: false,
        }
    }

    /// Whether this can be answered at all.
    pub(super) fn knows(&self, beside: Beside) -> bool {
        match beside {
            Beside::Watchers => self.told.watchers,
            Beside::Favourites => self.told.favourites,
            Beside::Properties => self.told.properties.is_some(),
        }
    }

    pub(super) fn calendar(&self) -> Calendar<'_> {
        Calendar {
            now: self.now,
            zone: &self.zone,
            week_start: self.week_start,
        }
    }
}

/// Looks people up.
pub(crate) trait People {
    /// Everybody whose account id is this, or whose user name or user key is, in any case.
    fn named(&self, literal: &str) -> Vec<&User>;
    /// Everybody with this address, in any case.
    fn with_email(&self, address: &str) -> Vec<&User>;
}

/// Knows no one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nobody;

impl People for Nobody {
    fn named(&self, _: &str) -> Vec<&User> {
        Vec::new()
    }

    fn with_email(&self, _: &str) -> Vec<&User> {
        Vec::new()
    }
}

impl People for Directory {
    fn named(&self, literal: &str) -> Vec<&User> {
        let is = |user: &&User| {
            let names = [&user.username, &user.user_key];
            user.account_id.as_deref() == Some(literal)
                || names.into_iter().flatten().any(|name| same(name, literal))
        };
        let users = self.people.iter().map(|person| &person.user);
        users.filter(is).collect()
    }

    fn with_email(&self, address: &str) -> Vec<&User> {
        let users = self.people.iter().map(|person| &person.user);
        let has = |user: &&User| user.email.as_ref().is_some_and(|have| same(have, address));
        users.filter(has).collect()
    }
}

/// Equal in any case, without copies: a list of thousands is held against everybody.
fn same(a: &str, b: &str) -> bool {
    let a = a.chars().flat_map(char::to_lowercase);
    a.eq(b.chars().flat_map(char::to_lowercase))
}
