//! Settings as they are written: everything may be missing.
//!
//! One table makes the struct, the names in file and environment, and the list that
//! documentation reads, so that a setting is added in one place. What a missing value
//! means is decided in `high`.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use super::ConfigError;

/// A setting as documentation names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// In the file.
    pub(crate) name: &'static str,
    /// In the environment; lists are cut at commas there.
    pub(crate) variable: &'static str,
    pub(crate) doc: &'static str,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident, $variable:literal: $type:ty;)+) => {
        /// Settings of one origin: flags, environment or file.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Low {
            $($(#[doc = $doc])+ pub(crate) $name: Option<$type>,)+
        }

        /// All settings, in the order of documentation.
        pub(crate) const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            variable: $variable,
            doc: concat!($($doc),+),
        },)+];

        impl Low {
            /// Reads the environment. Variables of other names do not count, since
            /// tests and scripts have their own.
            pub(super) fn from_variables(
                variable: &dyn Fn(&str) -> Option<String>,
            ) -> Result<Self, ConfigError> {
                Ok(Self { $($name: from_variable(variable, $variable)?,)+ })
            }

            /// What is missing here is taken from `below`.
            pub(super) fn over(self, below: Self) -> Self {
                Self { $($name: self.$name.or(below.$name),)+ }
            }
        }
    };
}

settings! {
    /// Folder of the store and the index; `headwater` in the user's data folder by default.
    data_dir, "HEADWATER_DATA_DIR": PathBuf;
    /// IANA name of the zone in which CQL reads dates; the site's zone, else UTC, by default.
    time_zone, "HEADWATER_TIME_ZONE": String;
    /// Day on which weeks begin for CQL, `monday` (default) to `sunday`.
    week_start, "HEADWATER_WEEK_START": String;
    /// Address of the HTTP server; `127.0.0.1:8080` by default, loopback only.
    listen, "HEADWATER_LISTEN": SocketAddr;
    /// Names by which callers may reach the server besides loopback ones, with or without port.
    allowed_hosts, "HEADWATER_ALLOWED_HOSTS": Vec<String>;
    /// Origins of web pages that may call the server, such as `https://portal.example:443`.
    allowed_origins, "HEADWATER_ALLOWED_ORIGINS": Vec<String>;
    /// Requests worked on at once, 256 by default; as many more may wait.
    max_concurrent, "HEADWATER_MAX_CONCURRENT": usize;
    /// Seconds after which a request is given up, 10 by default.
    request_deadline_s, "HEADWATER_REQUEST_DEADLINE_S": u64;
    /// Largest body of a request in bytes, 1 MiB by default.
    body_limit_bytes, "HEADWATER_BODY_LIMIT_BYTES": usize;
    /// Seconds that running requests get after a signal to stop, 20 by default.
    shutdown_grace_s, "HEADWATER_SHUTDOWN_GRACE_S": u64;
    /// Whether logs hold the text of queries; `false` by default.
    log_queries, "HEADWATER_LOG_QUERIES": bool;
}

fn from_variable<T: FromText>(
    variable: &dyn Fn(&str) -> Option<String>,
    name: &str,
) -> Result<Option<T>, ConfigError> {
    // An empty variable is how shells and container files say "not set".
    let Some(text) = variable(name).filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let value = T::from_text(text.trim()).map_err(|message| ConfigError::Value {
        origin: name.to_owned(),
        message,
    })?;
    Ok(Some(value))
}

/// A value written in one line of text.
trait FromText: Sized {
    fn from_text(text: &str) -> Result<Self, String>;
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|err: T::Err| err.to_string())
}

macro_rules! from_text {
    ($($type:ty),+) => {$(
        impl FromText for $type {
            fn from_text(text: &str) -> Result<Self, String> {
                parsed(text)
            }
        }
    )+};
}

from_text!(PathBuf, String, SocketAddr, usize, u64, bool);

impl FromText for Vec<String> {
    fn from_text(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim);
        Ok(parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect())
    }
}
