//! CPU, memory and bursts, measured the same way as by the other clients.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn usage() -> libc::rusage {
    // SAFETY: getrusage fills the struct that it is given, for which all zeroes are a value.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    }
}

/// CPU seconds of this process so far, user and system.
pub fn used() -> f64 {
    let usage = usage();
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// A line of /proc/self/status in MB of 10^6 bytes: VmRSS is what is held now, VmHWM the most ever; 0 without /proc.
pub fn memory(line: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|each| each.strip_prefix(line)?.strip_prefix(':'));
    let kib = found.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1e6
}

/// CPU and wall time since it was made.
pub struct Stopwatch {
    cpu: f64,
    wall: Instant,
}

impl Stopwatch {
    pub fn new() -> Self {
        Self { cpu: used(), wall: Instant::now() }
    }

    /// The phase's times, under the names that the table reads.
    pub fn record(&self, phase: &str) -> Value {
        let (wall, cpu) = (format!("{phase}_wall"), format!("{phase}_cpu"));
        json!({wall: self.wall.elapsed().as_secs_f64(), cpu: used() - self.cpu})
    }
}

/// Asks the benchmark server for a burst of events.
pub async fn post(url: &str) -> Result<()> {
    let (host, path) = url.trim_start_matches("http://").split_once('/').context("a URL with a path")?;
    let mut socket = tokio::net::TcpStream::connect(host).await?;
    let request = format!("POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "the benchmark server said {answer}");
    Ok(())
}
