//! What other programs do to a connection: slowly, all at once, or not in HTTP at all.

use super::rig::{PATIENCE, Rig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Sends bytes, and reads until the gateway closes or has said `until` that often.
async fn exchange(rig: &Rig, bytes: &[u8], until: &str, times: usize) -> String {
    let mut stream = TcpStream::connect(rig.base.trim_start_matches("http://")).await.unwrap();
    // Whoever is refused early may find the connection closed while still writing.
    let _ = stream.write_all(bytes).await;
    let mut said = Vec::new();
    let read = async {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut part).await {
            said.extend(part.iter().take(count));
            if String::from_utf8_lossy(&said).matches(until).count() >= times {
                return;
            }
        }
    };
    timeout(PATIENCE, read).await.expect("neither answered nor closed");
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_timeout_and_no_mystery() {
    let rig = Rig::impatient().await;
    let ana = rig.person("ana").await;
    let answers = ["/workspace/v3/media/chat/ready", "/workspace/v3/notifications", "/webhooks/whatsapp"]
        .map(async |path| {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nContent-Length: 40\r\n\r\n{{",
                ana.cookie
            );
            (path, exchange(&rig, head.as_bytes(), "}}", 1).await)
        });
    for (path, answer) in futures_util::future::join_all(answers).await {
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":408"), "{path} {answer}");
        assert!(answer.contains("nothing was done"), "{path} {answer}");
    }
    assert_eq!(rig.asked.count("SetState") + rig.asked.count("webhook"), 0);
}

#[tokio::test]
async fn requests_sent_in_a_row_are_answered_in_that_order() {
    let rig = Rig::new().await;
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let row = one("/workspace/v3/info") + &one("/nothing") + &one("/workspace/v3/info");
    let answer = exchange(&rig, row.as_bytes(), "\"version\"", 2).await;
    let codes: Vec<_> = answer.split("HTTP/1.1 ").skip(1).filter_map(|part| part.get(..3)).collect();
    assert_eq!(codes, ["200", "404", "200"], "{answer}");
    assert!(answer.contains(r#"{"status":{"code":404,"message":"there is nothing at this address"}}"#));
}

#[tokio::test]
async fn what_is_no_request_gets_a_status_and_the_connection_ends() {
    let rig = Rig::new().await;
    let long = "a".repeat(400_000);
    for (bytes, code) in [
        (format!("GET /workspace/v3/info HTTP/1.1\r\nX: {long}\r\n\r\n"), "431"),
        ("\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), "400"),
        (
            "POST /workspace/v3/logout HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}".into(),
            "400",
        ),
        ("POST /workspace/v3/logout HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".into(), "400"),
    ] {
        let answer = timeout(PATIENCE, exchange(&rig, bytes.as_bytes(), "\u{0}", 1)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{code} {answer}");
    }
    // And nobody else was harmed.
    let info = rig.http.get(format!("{}/workspace/v3/info", rig.base)).timeout(PATIENCE);
    assert_eq!(info.send().await.unwrap().status(), 200);
}
