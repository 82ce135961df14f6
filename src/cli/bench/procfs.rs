//! CPU and memory of another process, as Linux tells them; nothing elsewhere.
#![expect(clippy::disallowed_methods, reason = "reads /proc")]

use std::fs;
use std::path::Path;

/// Ticks of `/proc/PID/stat` in a second: fixed by Linux's interface, whatever the
/// kernel's own clock does.
const TICKS: f64 = 100.0;

/// What a process has used up to now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// User and system time, in seconds.
    pub(crate) cpu: f64,
    /// Bytes in memory now.
    pub(crate) resident: u64,
    /// The most that ever were.
    pub(crate) peak: u64,
}

/// `None`: there is no such process, or it cannot be told.
pub(crate) fn usage(pid: u32) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(Usage {
        cpu: cpu(&stat)?,
        resident: memory(&status, "VmRSS:")?,
        peak: memory(&status, "VmHWM:")?,
    })
}

/// The name of a program may hold spaces and parentheses; the fields stand behind it.
fn cpu(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

fn memory(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The process of this user that listens on a port of this machine.
pub(crate) fn listener(port: u16) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let tables = tables.map(|path| fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().find_map(|table| listening(table, port))?;
    let socket = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        holds(&entry.path(), &socket).then_some(pid)
    })
}

/// Inode of the listening socket in a table of sockets.
fn listening(table: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let found = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == LISTEN;
        found.then(|| fields.get(9).copied())?
    })
}

fn holds(process: &Path, socket: &str) -> bool {
    // Processes of others cannot be looked into.
    let Ok(files) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    let mut links = files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok());
    links.any(|link| link.as_os_str() == socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_the_kernel_are_read() {
        let stat = "12 (odd) name) S 1 12 12 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 4 0 1";
        assert_eq!(cpu(stat), Some(3.0));
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(memory(status, "VmRSS:"), Some(1 << 20));
        assert_eq!(memory(status, "VmHWM:"), Some(2 << 20));
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000  1000        0 777 1\n\
             1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1\n";
        assert_eq!(listening(table, 8080), Some("4242"));
        assert_eq!(listening(table, 80), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found_by_its_port() {
        let listener_socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener_socket.local_addr().unwrap().port();
        let pid = listener(port).unwrap();
        assert_eq!(pid, std::process::id());
        assert!(usage(pid).unwrap().resident > 0);
    }
}
