//! Dates: literals, functions and increments to instants, in the zone of the query.
//!
//! Days, weeks, months and years are counted on the calendar and become instants last.
//! So `startOfDay("-1d")` is right also when today begins at one o'clock because clocks
//! went forward at midnight. Local times that do not exist move forward by the gap,
//! those that exist twice are the first.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use super::columns::floor_millis;

/// First or last instant of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Start,
    End,
}

/// Units of increments; periods are those from `Day` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// `"-4w"`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Increment {
    pub(crate) amount: i64,
    pub(crate) unit: Unit,
}

/// Where time stands for a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar<'a> {
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
    pub(crate) week_start: Weekday,
}

/// What a date literal or call covers: `from..to` in milliseconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// The day, if the literal has no time.
    pub(crate) day: Option<Date>,
}

impl Moment {
    /// A single millisecond.
    pub(crate) fn instant(at: i64) -> Self {
        Self {
            from: at,
            to: at + 1,
            day: None,
        }
    }
}

/// Reads an increment. The error is a hint for whoever wrote it.
pub(crate) fn increment(text: &str) -> Result<Increment, String> {
    const RULE: &str = "an increment is a sign, a number and one of y M w d h m, such as \"-7d\"";
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = unsigned.split_at(digits);
    let amount: i64 = number.parse().map_err(|_| RULE.to_owned())?;
    let unit = match unit {
        "y" => Unit::Year,
        "M" => Unit::Month,
        "w" => Unit::Week,
        "d" => Unit::Day,
        "h" => Unit::Hour,
        "m" => Unit::Minute,
        "" => {
            return Err(format!(
                "CQL increments need a unit, for example \"{text}M\""
            ));
        }
        _ => return Err(RULE.to_owned()),
    };
    let amount = if text.starts_with('-') {
        -amount
    } else {
        amount
    };
    Ok(Increment { amount, unit })
}

impl Increment {
    fn is_exact(self) -> bool {
        matches!(self.unit, Unit::Hour | Unit::Minute)
    }

    fn span(self) -> Option<Span> {
        let span = Span::new();
        let set = match self.unit {
            Unit::Minute => span.try_minutes(self.amount),
            Unit::Hour => span.try_hours(self.amount),
            Unit::Day => span.try_days(self.amount),
            Unit::Week => span.try_weeks(self.amount),
            Unit::Month => span.try_months(self.amount),
            Unit::Year => span.try_years(self.amount),
        };
        set.ok()
    }

    fn exact(self) -> Option<SignedDuration> {
        let seconds = match self.unit {
            Unit::Minute => 60,
            _ => 3600,
        };
        self.amount
            .checked_mul(seconds)
            .map(SignedDuration::from_secs)
    }
}

impl Calendar<'_> {
    /// `now()`; nothing if the result is outside of the years -9999 to 9999.
    pub(crate) fn now(&self, increment: Option<Increment>) -> Option<i64> {
        let now = self.now.to_zoned(self.zone.clone());
        let moved = match increment {
            None => now,
            // The local time of day is kept over days and longer.
            Some(by) if !by.is_exact() => now.checked_add(by.span()?).ok()?,
            Some(by) => now.checked_add(by.exact()?).ok()?,
        };
        Some(floor_millis(moved.timestamp()))
    }

    /// `startOfX()` and `endOfX()`, as [`Calendar::now`].
    pub(crate) fn bound(&self, edge: Edge, period: Unit, by: Option<Increment>) -> Option<i64> {
        let today = self.now.to_zoned(self.zone.clone()).date();
        let day = match edge {
            Edge::Start => self.first_day(today, period)?,
            Edge::End => self.last_day(today, period)?,
        };
        let calendar = by.filter(|by| !by.is_exact());
        let day = match calendar {
            Some(by) => moved_day(day, edge, period, by)?,
            None => day,
        };
        let at = match edge {
            Edge::Start => self.start_of(day)?,
            Edge::End => self.start_of(day.tomorrow().ok()?)? - 1,
        };
        let exact = by.filter(|by| by.is_exact());
        let moved = exact.map_or(Some(0), |by| i64::try_from(by.exact()?.as_millis()).ok())?;
        let at = at.checked_add(moved)?;
        Timestamp::from_millisecond(at).ok().map(|_| at)
    }

    fn first_day(&self, day: Date, period: Unit) -> Option<Date> {
        match period {
            Unit::Week => {
                let since = day.weekday().since(self.week_start);
                day.checked_sub(i64::from(since).days()).ok()
            }
            Unit::Month => Some(day.first_of_month()),
            Unit::Year => Some(day.first_of_year()),
            Unit::Minute | Unit::Hour | Unit::Day => Some(day),
        }
    }

    fn last_day(&self, day: Date, period: Unit) -> Option<Date> {
        match period {
            Unit::Week => self.first_day(day, period)?.checked_add(6.days()).ok(),
            Unit::Month => Some(day.last_of_month()),
            Unit::Year => Some(day.last_of_year()),
            Unit::Minute | Unit::Hour | Unit::Day => Some(day),
        }
    }

    /// The first instant of a day.
    fn start_of(&self, day: Date) -> Option<i64> {
        self.instant(day.to_datetime(Time::midnight()))
    }

    fn instant(&self, local: DateTime) -> Option<i64> {
        let zoned = self.zone.to_ambiguous_zoned(local).compatible().ok()?;
        Some(floor_millis(zoned.timestamp()))
    }

    /// Reads a literal: `yyyy-MM-dd` or `yyyy/MM/dd`, with or without ` HH:mm`. The error
    /// is a hint for whoever wrote it.
    pub(crate) fn literal(&self, text: &str) -> Result<Moment, Option<String>> {
        let (date, time) = match text.split_once(' ') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let moment = || {
            let date = read_date(date)?;
            match time {
                None => self.whole_day(date),
                Some(time) => self.minute(date.to_datetime(read_time(time)?)),
            }
        };
        moment().ok_or_else(|| self.literal_hint(text))
    }

    fn whole_day(&self, day: Date) -> Option<Moment> {
        let from = self.start_of(day)?;
        let to = self.start_of(day.tomorrow().ok()?)?;
        Some(Moment {
            from,
            to,
            day: Some(day),
        })
    }

    fn minute(&self, local: DateTime) -> Option<Moment> {
        let from = self.instant(local)?;
        Some(Moment {
            from,
            to: from + 60_000,
            day: None,
        })
    }

    fn literal_hint(&self, text: &str) -> Option<String> {
        let relative = text.starts_with(['+', '-']) && increment(text).is_ok();
        if relative {
            return Some(format!("use now(\"{text}\")"));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            let local = instant.to_zoned(self.zone.clone());
            return Some(format!("write \"{}\"", local.strftime("%Y-%m-%d %H:%M")));
        }
        if let Some(hint) = impossible_day(text).or_else(|| day_first(text)) {
            return Some(hint);
        }
        let local: DateTime = text.parse().ok()?;
        let format = if text.contains(':') {
            "%Y-%m-%d %H:%M"
        } else {
            "%Y-%m-%d"
        };
        Some(format!("write \"{}\"", local.strftime(format)))
    }
}

/// What is wrong with a date of the right form.
fn impossible_day(text: &str) -> Option<String> {
    let date = text.split(' ').next()?;
    let separator = if date.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = date.split(separator).collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    let year = number(year, 4..=4)?;
    let month = number(month, 1..=2)?;
    let day = number(day, 1..=2)?;
    let first = i8::try_from(month)
        .ok()
        .and_then(|month| Date::new(year, month, 1).ok());
    match first {
        None => Some(format!(
            "there is no month {month}; dates are written year, month, day"
        )),
        Some(first) if !(1..=i16::from(first.days_in_month())).contains(&day) => Some(format!(
            "{} has {} days",
            first.strftime("%B %Y"),
            first.days_in_month()
        )),
        Some(_) => None,
    }
}

/// `31-12-2025` and `12/31/2025` the way they are written here, where that is certain.
fn day_first(text: &str) -> Option<String> {
    let separator = text.find(['-', '/', '.'])?;
    let parts: Vec<&str> = text.split(&text[separator..=separator]).collect();
    let [a, b, year] = parts[..] else { return None };
    let year = number(year, 4..=4)?;
    let (a, b) = (number(a, 1..=2)?, number(b, 1..=2)?);
    let written = |month: i16, day: i16| {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Some(Date::new(year, month, day).ok()?.to_string())
    };
    match (written(a, b), written(b, a)) {
        (Some(one), Some(other)) if one != other => {
            Some(format!("the year comes first: \"{one}\" or \"{other}\""))
        }
        (Some(one), _) | (None, Some(one)) => Some(format!("the year comes first: \"{one}\"")),
        (None, None) => None,
    }
}

/// Months and years keep the end of a month: the 28th of February plus a year that leaps
/// is the 29th, where the period itself is a month or a year.
fn moved_day(day: Date, edge: Edge, period: Unit, by: Increment) -> Option<Date> {
    let moved = day.checked_add(by.span()?).ok()?;
    let monthly = |unit| matches!(unit, Unit::Month | Unit::Year);
    let keeps_end = edge == Edge::End && monthly(period) && monthly(by.unit);
    Some(if keeps_end {
        moved.last_of_month()
    } else {
        moved
    })
}

/// `yyyy-M-d` or with slashes, one separator throughout.
fn read_date(text: &str) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let year = number(parts.next()?, 4..=4)?;
    let month = i8::try_from(number(parts.next()?, 1..=2)?).ok()?;
    let day = i8::try_from(number(parts.next()?, 1..=2)?).ok()?;
    let ended = parts.next().is_none();
    Date::new(year, month, day).ok().filter(|_| ended)
}

/// `H:mm`
fn read_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let hour = i8::try_from(number(hour, 1..=2)?).ok()?;
    let minute = i8::try_from(number(minute, 2..=2)?).ok()?;
    Time::new(hour, minute, 0, 0).ok()
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, now: &str, read: impl Fn(&Calendar<'_>) -> Option<i64>) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let now = now.parse().unwrap();
        let calendar = Calendar {
            now,
            zone: &zone,
            week_start: Weekday::Monday,
        };
        let Some(millis) = read(&calendar) else {
            return "none".to_owned();
        };
        Timestamp::from_millisecond(millis).unwrap().to_string()
    }

    #[track_caller]
    fn check(zone: &str, now: &str, call: (Edge, Unit, &str), expected: &str) {
        let by = (!call.2.is_empty()).then(|| increment(call.2).unwrap());
        assert_eq!(at(zone, now, |c| c.bound(call.0, call.1, by)), expected);
    }

    #[test]
    fn bounds_are_those_of_the_local_calendar() {
        use Edge::{End, Start};
        let cases = [
            ((Start, Unit::Day, ""), "2026-10-01T22:00:00Z"),
            ((End, Unit::Day, ""), "2026-10-02T21:59:59.999Z"),
            ((Start, Unit::Week, ""), "2026-09-27T22:00:00Z"),
            ((End, Unit::Week, "-1w"), "2026-09-27T21:59:59.999Z"),
            // Clocks go back between October and December.
            ((Start, Unit::Month, "+2M"), "2026-11-30T23:00:00Z"),
            ((End, Unit::Month, "-1M"), "2026-09-30T21:59:59.999Z"),
            ((End, Unit::Month, "-8M"), "2026-02-28T22:59:59.999Z"),
            ((Start, Unit::Year, ""), "2025-12-31T23:00:00Z"),
            ((End, Unit::Year, "1y"), "2027-12-31T22:59:59.999Z"),
            ((Start, Unit::Day, "-90m"), "2026-10-01T20:30:00Z"),
        ];
        for (call, expected) in cases {
            check("Europe/Berlin", "2026-10-02T07:00:00Z", call, expected);
        }
    }

    #[test]
    fn the_end_of_a_month_stays_one() {
        check(
            "UTC",
            "2023-02-10T00:00:00Z",
            (Edge::End, Unit::Month, "1y"),
            "2024-02-29T23:59:59.999Z",
        );
        check(
            "UTC",
            "2024-02-29T00:00:00Z",
            (Edge::End, Unit::Month, "-1M"),
            "2024-01-31T23:59:59.999Z",
        );
        check(
            "UTC",
            "2024-03-31T05:00:00Z",
            (Edge::End, Unit::Day, "-1M"),
            "2024-02-29T23:59:59.999Z",
        );
    }

    #[test]
    fn days_may_have_23_or_25_hours() {
        let length = |day: &str| {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            let calendar = Calendar {
                now: Timestamp::UNIX_EPOCH,
                zone: &zone,
                week_start: Weekday::Monday,
            };
            let moment = calendar.literal(day).unwrap();
            (moment.to - moment.from) / 3_600_000
        };
        assert_eq!(
            [
                length("2026-03-29"),
                length("2026/10/25"),
                length("2026-6-1")
            ],
            [23, 25, 24]
        );
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_next_hour() {
        // Clocks went from 00:00 to 01:00 on 4 November 2018 in São Paulo.
        let now = "2018-11-04T15:00:00Z";
        check(
            "America/Sao_Paulo",
            now,
            (Edge::Start, Unit::Day, ""),
            "2018-11-04T03:00:00Z",
        );
        check(
            "America/Sao_Paulo",
            now,
            (Edge::Start, Unit::Day, "-1d"),
            "2018-11-03T03:00:00Z",
        );
        check(
            "America/Sao_Paulo",
            now,
            (Edge::Start, Unit::Day, "1d"),
            "2018-11-05T02:00:00Z",
        );
    }

    #[test]
    fn local_times_in_gaps_and_folds() {
        let read = |text: &str| {
            at("Europe/Berlin", "2026-01-01T00:00:00Z", |c| {
                Some(c.literal(text).unwrap().from)
            })
        };
        assert_eq!(read("2026-03-29 02:30"), "2026-03-29T01:30:00Z");
        assert_eq!(read("2026-10-25 02:30"), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn now_keeps_the_local_time_over_days_but_not_over_hours() {
        let shift = |text: &str| {
            let by = increment(text).unwrap();
            at("Europe/Berlin", "2026-03-29T10:00:00Z", |c| c.now(Some(by)))
        };
        assert_eq!(shift("-1d"), "2026-03-28T11:00:00Z");
        assert_eq!(shift("-24h"), "2026-03-28T10:00:00Z");
        assert_eq!(shift("-1M"), "2026-02-28T11:00:00Z");
        assert_eq!(shift("+99999999y"), "none");
    }

    #[test]
    fn literals_and_their_hints() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let calendar = Calendar {
            now: Timestamp::UNIX_EPOCH,
            zone: &zone,
            week_start: Weekday::Monday,
        };
        let good = [
            "2024-01-05",
            "2024/1/5",
            "2024/01/05 7:05",
            "2024-02-29 23:59",
        ];
        for text in good {
            assert!(calendar.literal(text).is_ok(), "{text}");
        }
        let bad = [
            ("2024-02-30", Some("February 2024 has 29 days")),
            (
                "2024-13-01",
                Some("there is no month 13; dates are written year, month, day"),
            ),
            ("01-15-2025", Some("the year comes first: \"2025-01-15\"")),
            (
                "1/2/2025",
                Some("the year comes first: \"2025-01-02\" or \"2025-02-01\""),
            ),
            ("2024-01/05", None),
            ("24-01-05", None),
            ("2024-01-05 24:00", None),
            ("jsmith", None),
            ("-7d", Some("use now(\"-7d\")")),
            (
                "2026-05-12T09:00:00.000Z",
                Some("write \"2026-05-12 11:00\""),
            ),
            ("2024-01-01 10:00:00", Some("write \"2024-01-01 10:00\"")),
        ];
        for (text, hint) in bad {
            assert_eq!(
                calendar.literal(text),
                Err(hint.map(ToOwned::to_owned)),
                "{text}"
            );
        }
    }

    #[test]
    fn increments() {
        for text in ["-1M", "+1m", "2w", "0d"] {
            assert!(increment(text).is_ok(), "{text}");
        }
        for text in [
            "-4x",
            "",
            "-",
            "1.5d",
            "-1w 2d",
            "- 1d",
            "-1D",
            "99999999999999999999d",
            "-1",
        ] {
            assert!(increment(text).is_err(), "{text}");
        }
        assert!(increment("-1").unwrap_err().contains("\"-1M\""));
    }
}
