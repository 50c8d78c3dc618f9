//! Which process is at the other end of a loopback connection.

use std::net::SocketAddr;
use std::time::Duration;

const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The process that owns the socket bound to `peer`.
///
/// The kernel's table of sockets may miss a line while others come and go: it is read again for a while.
pub(crate) fn owner(peer: SocketAddr) -> Option<u32> {
    (0..TRIES).find_map(|attempt| {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        look(peer)
    })
}

fn look(peer: SocketAddr) -> Option<u32> {
    let inode = inode(peer)?;
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

fn inode(peer: SocketAddr) -> Option<u64> {
    let SocketAddr::V4(v4) = peer else { return None };
    let address = u32::from_le_bytes(v4.ip().octets());
    let v4_form = format!("{address:08X}:{:04X}", v4.port());
    let mapped_form = format!("0000000000000000FFFF0000{v4_form}");
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let text = std::fs::read_to_string(table).ok()?;
        find(&text, &v4_form).or_else(|| find(&text, &mapped_form))
    })
}

/// The inode of the line whose local address is this.
fn find(table: &str, local: &str) -> Option<u64> {
    table.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        (fields.nth(1) == Some(local)).then(|| fields.nth(7)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::owner;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn finds_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
        let client = TcpStream::connect(listener.local_addr().expect("address")).expect("connect");
        let (_server, peer) = listener.accept().expect("accept");
        assert_eq!(owner(peer), Some(std::process::id()));
        drop(client);
    }
}
