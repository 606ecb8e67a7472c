//! The process at the other end of a connection on this machine.

use nix::sys::signal::{Signal, kill as signal};
use nix::unistd::Pid;

use super::Ends;

/// Kills the client's process; gives its id, or why nobody was killed.
pub(super) fn kill(ends: Ends) -> Result<i32, String> {
    let pid = holder(ends).ok_or_else(|| format!("no process holds the connection from {}", ends.client))?;
    if pid == std::process::id().cast_signed() {
        return Err("the rehearsal itself holds the connection".to_owned());
    }
    signal(Pid::from_raw(pid), Signal::SIGKILL).map_err(|error| format!("kill process {pid}: {error}"))?;
    Ok(pid)
}

/// By the socket's number in the kernel's table of connections (proc_net(5), `tcp`).
#[cfg(target_os = "linux")]
fn holder(ends: Ends) -> Option<i32> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let socket = format!("socket:[{}]", inode(&table, ends)?);
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.find(|pid| {
        // Processes end meanwhile, and others belong to somebody else.
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|link| link.as_os_str() == &*socket)
    })
}

/// The socket whose own end is the client's.
#[cfg(any(target_os = "linux", test))]
fn inode(table: &str, ends: Ends) -> Option<&str> {
    let (local, remote) = (in_table(ends.client)?, in_table(ends.server)?);
    table.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.get(1) == Some(&local.as_str()) && words.get(2) == Some(&remote.as_str()))
            .then(|| words.get(9).copied())?
    })
}

/// An address as the table has it: the bytes of the machine's word, and the port, in hexadecimal digits.
#[cfg(any(target_os = "linux", test))]
fn in_table(address: std::net::SocketAddr) -> Option<String> {
    let std::net::IpAddr::V4(ip) = address.ip() else { return None };
    Some(format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port()))
}

/// Without that table: lsof(8) lists both ends by their process, `p` and the id on a line of its own.
#[cfg(not(target_os = "linux"))]
fn holder(ends: Ends) -> Option<i32> {
    let way = format!("n{}->{}", ends.client, ends.server);
    let output = std::process::Command::new("lsof").args(["-nP", "-iTCP", "-Fpn"]).output().ok()?;
    let mut pid = None;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.strip_prefix('p') {
            Some(id) => pid = id.parse().ok(),
            None if line == way => return pid,
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_clients_end_is_told_from_the_servers() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000  0 111 1\n\
            1: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000  0 222 1\n";
        let address = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(inode(table, Ends { client: address(40_000), server: address(8_080) }), Some("222"));
        assert_eq!(inode(table, Ends { client: address(40_001), server: address(8_080) }), None);
    }
}
