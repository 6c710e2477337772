//! `data fetch`, as far as it goes without a network: what is answered where nothing can be had.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use tests::Lab;

/// Answers one request with a status and a body.
fn serve(status: &'static str, body: &'static [u8]) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mirror/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let request = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().remove(0);
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        request
    });
    (url, server)
}

#[test]
fn what_cannot_be_had_is_named_with_its_address() {
    let lab = Lab::new();
    let fetch = |url: &str| {
        let mut command = lab.command(&format!("data fetch mnist sets --mirror {url}"));
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command.output().unwrap()
    };
    let (url, server) = serve("404 Not Found", b"");
    let output = fetch(&url);
    assert_eq!(server.join().unwrap(), "GET /mirror/train-images-idx3-ubyte.gz HTTP/1.1");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("licence: CC BY-SA 3.0") && told.contains("the server answers with status 404"), "{told}");
    assert!(told.contains(&format!("{url}train-images-idx3-ubyte.gz")), "{told}");

    lab.write("sets/train-images-idx3-ubyte.gz", "mine");
    let output = fetch("http://127.0.0.1:1");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("is there with other contents than published"), "{told}");
    lab.run("data fetch imagenet").exits(2);
}
