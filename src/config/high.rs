//! Settings as the program uses them: checked, and no `Option` that has a default.
//!
//! Every default stands here and nowhere else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::{ConfigError, Low};

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const MAX_CONCURRENT: usize = 256;
const REQUEST_DEADLINE_S: u64 = 10;
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
const SHUTDOWN_GRACE_S: u64 = 20;

/// Resolved settings.
#[derive(Debug, Clone)]
pub(crate) struct High {
    pub(crate) data_dir: PathBuf,
    /// `None`: the zone of the site, else UTC.
    pub(crate) time_zone: Option<TimeZone>,
    pub(crate) week_start: Weekday,
    pub(crate) listen: SocketAddr,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) max_concurrent: usize,
    pub(crate) request_deadline: Duration,
    pub(crate) body_limit_bytes: usize,
    pub(crate) shutdown_grace: Duration,
    pub(crate) log_queries: bool,
}

/// Checks what was written and fills in the rest. `user_data` is the program's folder in
/// the user's data folder, where that is known.
pub(super) fn resolve(low: Low, user_data: Option<PathBuf>) -> Result<High, ConfigError> {
    let data_dir = low.data_dir.or(user_data).ok_or_else(|| {
        let message = "neither `XDG_DATA_HOME` nor `HOME` says where the user's data is";
        value("data_dir", message)
    })?;
    Ok(High {
        data_dir,
        time_zone: low.time_zone.as_deref().map(time_zone).transpose()?,
        week_start: low
            .week_start
            .as_deref()
            .map_or(Ok(Weekday::Monday), weekday)?,
        listen: low.listen.unwrap_or(LISTEN),
        allowed_hosts: low.allowed_hosts.unwrap_or_default(),
        allowed_origins: low.allowed_origins.unwrap_or_default(),
        max_concurrent: at_least_one("max_concurrent", low.max_concurrent, MAX_CONCURRENT)?,
        request_deadline: seconds(
            "request_deadline_s",
            low.request_deadline_s,
            REQUEST_DEADLINE_S,
        )?,
        body_limit_bytes: at_least_one("body_limit_bytes", low.body_limit_bytes, BODY_LIMIT_BYTES)?,
        shutdown_grace: Duration::from_secs(low.shutdown_grace_s.unwrap_or(SHUTDOWN_GRACE_S)),
        log_queries: low.log_queries.unwrap_or(false),
    })
}

fn value(name: &str, message: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        origin: name.to_owned(),
        message: message.into(),
    }
}

fn at_least_one(name: &str, written: Option<usize>, default: usize) -> Result<usize, ConfigError> {
    match written {
        Some(0) => Err(value(name, "expected at least 1")),
        Some(n) => Ok(n),
        None => Ok(default),
    }
}

fn seconds(name: &str, written: Option<u64>, default: u64) -> Result<Duration, ConfigError> {
    match written {
        Some(0) => Err(value(name, "expected at least 1")),
        other => Ok(Duration::from_secs(other.unwrap_or(default))),
    }
}

fn time_zone(name: &str) -> Result<TimeZone, ConfigError> {
    TimeZone::get(name).map_err(|_| {
        value(
            "time_zone",
            format!("`{name}` is not an IANA zone such as `Europe/Oslo`"),
        )
    })
}

fn weekday(name: &str) -> Result<Weekday, ConfigError> {
    match name.to_ascii_lowercase().as_str() {
        "monday" => Ok(Weekday::Monday),
        "tuesday" => Ok(Weekday::Tuesday),
        "wednesday" => Ok(Weekday::Wednesday),
        "thursday" => Ok(Weekday::Thursday),
        "friday" => Ok(Weekday::Friday),
        "saturday" => Ok(Weekday::Saturday),
        "sunday" => Ok(Weekday::Sunday),
        _ => Err(value(
            "week_start",
            format!("`{name}` is not a day of the week in English"),
        )),
    }
}
