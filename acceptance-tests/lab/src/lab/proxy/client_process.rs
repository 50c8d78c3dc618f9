//! Which process is at the other end of a loopback connection.

use std::net::SocketAddr;
use std::time::Duration;

const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The two ends of a connection. One alone does not tell: a port serves several connections at once, to other ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
}

/// The process at the client's end.
///
/// The kernel's table of sockets may miss a line while others come and go: it is read again for a while.
pub(crate) fn owner(ends: Ends) -> Option<u32> {
    (0..TRIES).find_map(|attempt| {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        look(ends)
    })
}

fn look(ends: Ends) -> Option<u32> {
    let inode = inode(ends)?;
    let wanted = format!("socket:[{inode}]");
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let descriptors = std::fs::read_dir(entry.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten();
        if descriptors
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .any(|link| link.to_str() == Some(&wanted))
        {
            return Some(pid);
        }
    }
    None
}

fn inode(ends: Ends) -> Option<u64> {
    let (client, server) = (forms(ends.client)?, forms(ends.server)?);
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let text = std::fs::read_to_string(table).ok()?;
        client
            .iter()
            .zip(&server)
            .find_map(|(local, remote)| find(&text, local, remote))
    })
}

/// An address as the kernel's tables of IPv4 and of IPv6 sockets show it.
fn forms(address: SocketAddr) -> Option<[String; 2]> {
    let SocketAddr::V4(v4) = address else { return None };
    let number = u32::from_le_bytes(v4.ip().octets());
    let plain = format!("{number:08X}:{:04X}", v4.port());
    let mapped = format!("0000000000000000FFFF0000{plain}");
    Some([plain, mapped])
}

/// The inode of the line with these two addresses; one that waits for its end has none.
fn find(table: &str, local: &str, remote: &str) -> Option<u64> {
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let inode: u64 = fields.get(9)?.parse().ok()?;
        (fields[1] == local && fields[2] == remote && inode != 0).then_some(inode)
    })
}

#[cfg(test)]
mod tests {
    use super::{Ends, find, owner};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn finds_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
        let client = TcpStream::connect(listener.local_addr().expect("address")).expect("connect");
        let (accepted, client_end) = listener.accept().expect("accept");
        let ends = Ends {
            client: client_end,
            server: accepted.local_addr().expect("address"),
        };
        assert_eq!(owner(ends), Some(std::process::id()));
        drop(client);
    }

    #[test]
    fn other_connections_of_the_same_port_are_others() {
        let line = |remote: &str, inode: u64| format!("0: 0100007F:1F90 {remote} 01 0:0 00:0 0 1000 0 {inode} 1");
        let table = [
            line("0100007F:0001", 7),
            line("0100007F:0002", 0),
            line("0100007F:0002", 8),
        ]
        .join("\n");
        assert_eq!(find(&table, "0100007F:1F90", "0100007F:0002"), Some(8));
    }
}
