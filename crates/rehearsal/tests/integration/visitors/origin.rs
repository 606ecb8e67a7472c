//! Two tiny origins on one port of two loopback addresses.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub(crate) const BLUE_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
pub(crate) const GREEN_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 2);

/// How an origin answers for a name that is attached to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Habit {
    Serve,
    Status(u16),
    NoColour,
    CutBody,
    HangUp,
    Endless,
    Hang,
}

pub(crate) struct Pair {
    pub(crate) port: u16,
    pub(crate) blue: Origin,
    pub(crate) green: Origin,
}

impl Pair {
    pub(crate) fn start(names: &[&str]) -> Self {
        for _ in 0..100 {
            let blue = TcpListener::bind((BLUE_ADDRESS, 0)).unwrap();
            let port = blue.local_addr().unwrap().port();
            if let Ok(green) = TcpListener::bind((GREEN_ADDRESS, port)) {
                let (blue, green) = (Origin::new("blue", names, blue), Origin::new("green", names, green));
                return Self { port, blue, green };
            }
        }
        panic!("no port is free on both addresses");
    }
}

#[derive(Clone)]
pub(crate) struct Origin {
    colour: &'static str,
    state: Arc<Mutex<State>>,
}

struct State {
    names: Vec<String>,
    habit: Habit,
    /// Connections that get no answer, kept open.
    waiting: Vec<TcpStream>,
}

impl Origin {
    fn new(colour: &'static str, names: &[&str], listener: TcpListener) -> Self {
        let names = names.iter().map(ToString::to_string).collect();
        let state = State { names, habit: Habit::Serve, waiting: Vec::new() };
        let origin = Self { colour, state: Arc::new(Mutex::new(state)) };
        let serving = origin.clone();
        // It ends with the test process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A visitor may be gone already.
                let _ = stream.and_then(|stream| serving.serve(stream));
            }
        });
        origin
    }

    pub(crate) fn detach(&self, name: &str) {
        self.state.lock().unwrap().names.retain(|known| known != name);
    }

    pub(crate) fn behave(&self, habit: Habit) {
        self.state.lock().unwrap().habit = habit;
    }

    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().unwrap().waiting.len()
    }

    pub(crate) fn forget(&self) {
        self.state.lock().unwrap().waiting.clear();
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let host = read_host(&mut stream)?;
        let mut state = self.state.lock().unwrap();
        if !state.names.contains(&host) {
            return answer(&mut stream, 404, "", "not found");
        }
        let colour =
            format!("x-colour: {0}\r\nx-service: srv-{0}\r\nx-commit: {1}\r\n", self.colour, "a".repeat(40));
        match state.habit {
            Habit::Serve => answer(&mut stream, 200, &colour, "hello"),
            Habit::Status(status) => answer(&mut stream, status, &colour, "no"),
            Habit::NoColour => answer(&mut stream, 200, "", "colourless"),
            Habit::CutBody => write!(stream, "HTTP/1.1 200 OK\r\n{colour}content-length: 99\r\n\r\nhalf"),
            Habit::HangUp => Ok(()),
            Habit::Endless => answer(&mut stream, 200, &colour, &"x".repeat(70_000)),
            Habit::Hang => {
                state.waiting.push(stream);
                Ok(())
            }
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} Word\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Reads a request's head; the value of its Host.
fn read_host(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let host = head.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.unwrap_or_default().to_owned())
}
