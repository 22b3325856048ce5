// A thread for each connection, on bare sockets. `llama-cpp`: chunks of a few bytes, kept alive. `openai-chat`: the body ends with
// the connection.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::{env, thread, time::Duration, time::Instant};

const TOKENS: u64 = 24;

/// The digits after a name; enough of a parser for this worker.
fn number_of(body: &str, name: &str) -> u64 {
    let rest = body.split(&format!("\"{name}\":")).nth(1).unwrap_or("24");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(TOKENS)
}

/// Writes a few bytes at a time, also in the middle of characters.
fn write_chunked(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    for part in text.as_bytes().chunks(7) {
        write!(stream, "{:x}\r\n", part.len())?;
        stream.write_all(part)?;
        stream.write_all(b"\r\n")?;
    }
    Ok(())
}

fn complete(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let (count, started) = (number_of(body, "n_predict").min(TOKENS), Instant::now());
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    for index in 0..count {
        thread::sleep(Duration::from_millis(10));
        write_chunked(stream, &format!("data: {{\"content\":\" wörd{index}\",\"stop\":false}}\n\n"))?;
    }
    let (kind, ms) = (if count < TOKENS { "limit" } else { "eos" }, started.elapsed().as_millis());
    let figures = format!("\"tokens_predicted\":{count},\"timings\":{{\"predicted_ms\":{ms}}}");
    write_chunked(stream, &format!("data: {{\"content\":\"\",\"stop\":true,\"stop_type\":\"{kind}\",{figures}}}\n\n"))?;
    stream.write_all(b"0\r\n\r\n")
}

fn chat(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let count = number_of(body, "max_tokens").min(TOKENS);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")?;
    let chunk = |choices: &str| format!("data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{choices}]}}\n\n");
    for index in 0..count {
        thread::sleep(Duration::from_millis(10));
        let choice = format!("{{\"index\":0,\"delta\":{{\"content\":\" wörd{index}\"}},\"finish_reason\":null}}");
        stream.write_all(chunk(&choice).as_bytes())?;
    }
    let reason = if count < TOKENS { "length" } else { "stop" };
    let last = chunk(&format!("{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}"));
    stream.write_all(format!("{last}data: [DONE]\n\n").as_bytes())
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Serves requests until the client leaves, or the answer ends with the connection.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).replace(' ', "");
        match first.split(' ').nth(1).unwrap_or("") {
            "/health" => answer(&mut stream, "200 OK", "{\"status\":\"ok\"}")?,
            "/v1/models" => answer(&mut stream, "200 OK", "{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}")?,
            "/completion" => complete(&mut stream, &body)?,
            "/v1/chat/completions" => return chat(&mut stream, &body),
            _ => answer(&mut stream, "404 Not Found", "{}")?,
        }
    }
}

fn main() -> std::io::Result<()> {
    let port = env::args().nth(1).expect("a port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on port {port}");
    for stream in listener.incoming().flatten() {
        let _ = stream.set_nodelay(true);
        thread::spawn(move || serve(stream));
    }
    Ok(())
}
