//! Settings: as written ([`low`]) and as the program uses them ([`high`]).
//!
//! Flags win over the environment, the environment over the file, the file over the
//! defaults. Below `app` nothing reads a flag, a variable or this file; parts are given
//! the values they need.

mod high;
mod low;

use std::path::{Path, PathBuf};

pub(crate) use high::High;
pub(crate) use low::{Low, SETTINGS};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the settings in `{}`", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The message of the source shows line, column and the text.
    #[error("cannot use the settings in `{}`", path.display())]
    Parse {
        path: PathBuf,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("cannot use `{origin}`: {message}")]
    Value { origin: String, message: String },
}

/// Reads file and environment of this process and puts the flags on top.
///
/// The file is `file`, else `HEADWATER_CONFIG`, else `headwater/config.toml` in the
/// user's configuration folder; only the last may be missing.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads variables"
)]
pub(crate) fn load(flags: Low, file: Option<&Path>) -> Result<High, ConfigError> {
    load_with(flags, file, &|name| std::env::var(name).ok())
}

fn load_with(
    flags: Low,
    file: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<High, ConfigError> {
    let environment = Low::from_variables(variable)?;
    let written = match file.map(Path::to_owned).or_else(|| {
        let named = variable("HEADWATER_CONFIG").filter(|name| !name.is_empty());
        named.map(PathBuf::from)
    }) {
        Some(path) => read(&path)?,
        None => match user_folder(variable, "XDG_CONFIG_HOME", ".config") {
            Some(folder) => read_if_there(&folder.join("config.toml"))?,
            None => Low::default(),
        },
    };
    let low = flags.over(environment).over(written);
    high::resolve(low, user_folder(variable, "XDG_DATA_HOME", ".local/share"))
}

fn read(path: &Path) -> Result<Low, ConfigError> {
    let text = text_of(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ConfigError::Parse {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn read_if_there(path: &Path) -> Result<Low, ConfigError> {
    match read(path) {
        Err(ConfigError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Ok(Low::default())
        }
        other => other,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the file of settings"
)]
fn text_of(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// `headwater` below a base folder of the XDG rules; relative values do not count there.
fn user_folder(
    variable: &dyn Fn(&str) -> Option<String>,
    name: &str,
    below_home: &str,
) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let given = variable(name).map(PathBuf::from).filter(absolute);
    let home = || variable("HOME").map(PathBuf::from).filter(absolute);
    let base = given.or_else(|| Some(home()?.join(below_home)))?;
    Some(base.join("headwater"))
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "writes files of settings to read"
)]
mod tests {
    use super::*;

    fn load_text(text: &str, flags: Low, variables: &[(&str, &str)]) -> Result<High, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        load_with(flags, Some(&path), &lookup(variables))
    }

    fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    /// The chain of messages, as the program prints it.
    fn message(result: Result<High, ConfigError>) -> String {
        let err = result.expect_err("settings that cannot be used");
        match std::error::Error::source(&err) {
            Some(source) => format!("{err}: {source}"),
            None => err.to_string(),
        }
    }

    const HOME: (&str, &str) = ("HOME", "/somebody");

    #[test]
    fn nothing_written_gives_the_defaults() {
        let high = load_with(Low::default(), None, &lookup(&[HOME])).unwrap();
        assert_eq!(high.data_dir, Path::new("/somebody/.local/share/headwater"));
        assert_eq!(high.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(high.request_deadline.as_secs(), 10);
        assert_eq!(high.body_limit_bytes, 1024 * 1024);
        assert!(!high.log_queries);
    }

    #[test]
    fn flags_win_over_variables_over_the_file() {
        let text = "listen = \"127.0.0.1:1\"\nmax_concurrent = 1\nlog_queries = true\n";
        let variables = [
            HOME,
            ("HEADWATER_LISTEN", "127.0.0.1:2"),
            ("HEADWATER_MAX_CONCURRENT", "2"),
        ];
        let flags = Low {
            listen: Some("127.0.0.1:3".parse().unwrap()),
            ..Low::default()
        };
        let high = load_text(text, flags, &variables).unwrap();
        assert_eq!(high.listen.port(), 3);
        assert_eq!(high.max_concurrent, 2);
        assert!(high.log_queries);
    }

    #[test]
    fn an_unknown_setting_is_shown_where_it_stands() {
        let message = message(load_text("listn = \"x\"\n", Low::default(), &[HOME]));
        assert!(message.contains("line 1"), "{message}");
        assert!(message.contains("unknown field `listn`"), "{message}");
        assert!(message.contains("`listen`"), "{message}");
    }

    #[test]
    fn a_bad_value_names_its_variable_or_setting() {
        let variables = [HOME, ("HEADWATER_MAX_CONCURRENT", "many")];
        let many = message(load_text("", Low::default(), &variables));
        assert!(
            many.starts_with("cannot use `HEADWATER_MAX_CONCURRENT`: "),
            "{many}"
        );
        let zone = message(load_text(
            "time_zone = \"Mars/Base\"",
            Low::default(),
            &[HOME],
        ));
        assert!(zone.starts_with("cannot use `time_zone`: "), "{zone}");
        let zero = message(load_text("max_concurrent = 0", Low::default(), &[HOME]));
        assert_eq!(zero, "cannot use `max_concurrent`: expected at least 1");
    }

    #[test]
    fn lists_in_variables_are_cut_at_commas() {
        let variables = [
            HOME,
            ("HEADWATER_ALLOWED_HOSTS", "wiki.local, search.local:8080"),
        ];
        let high = load_text("", Low::default(), &variables).unwrap();
        assert_eq!(high.allowed_hosts, ["wiki.local", "search.local:8080"]);
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let missing = Path::new("/nothing/here.toml");
        let result = load_with(Low::default(), Some(missing), &lookup(&[HOME]));
        assert!(message(result).starts_with("cannot read the settings in `/nothing/here.toml`"));
    }

    #[test]
    fn every_setting_says_what_it_is() {
        for setting in SETTINGS {
            assert!(setting.doc.trim().len() > 10, "{}", setting.name);
            let variable = setting.name.to_uppercase();
            assert_eq!(setting.variable, format!("HEADWATER_{variable}"));
        }
    }
}
