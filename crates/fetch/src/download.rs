//! One file: asked for from where an earlier attempt ended, checked, and only then given its name.

use crate::{FetchError, RemoteFile};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::{Agent, AgentBuilder, ErrorKind, Response};

/// A connection that sends nothing for so long has ended.
const SILENCE: Duration = Duration::from_secs(30);
/// Connections in a row that bring nothing before the command gives up.
const ATTEMPTS: u32 = 3;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes at a time.
const BUFFER: usize = 64 << 10;

/// Asks servers for files. It follows redirects, and the proxy that the environment names.
pub struct Client(Agent);

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was there, with the published checksum.
    There,
    /// It has been downloaded.
    Downloaded,
}

/// How a transfer ended.
enum Transfer {
    Whole,
    /// With the cause.
    Cut(Box<dyn std::error::Error + Send + Sync>),
}

impl Default for Client {
    fn default() -> Self {
        Self::new(true)
    }
}

impl Client {
    fn new(uses_proxies: bool) -> Self {
        let agent = AgentBuilder::new().timeout_connect(SILENCE).timeout_read(SILENCE);
        Self(agent.try_proxy_from_env(uses_proxies).build())
    }

    /// Downloads a file into a folder that exists, from its official address or from `url`. `progress` is called with the
    /// number of bytes that are there.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub fn download(
        &self,
        file: &RemoteFile,
        url: &str,
        folder: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Fetched, FetchError> {
        let path = folder.join(file.name());
        if path.exists() {
            progress(file.bytes);
            let found = checksum(&path).map_err(io_error(&path))?;
            return if found == file.sha256 { Ok(Fetched::There) } else { Err(FetchError::Other { path }) };
        }
        let part = folder.join(format!("{}.part", file.name()));
        let mut output = open_part(&part, &path)?;
        let mut is_resumed = output.metadata().map_err(io_error(&part))?.len() > 0;
        loop {
            self.receive(file, url, &mut output, &part, progress)?;
            output.sync_all().map_err(io_error(&part))?;
            let found = checksum(&part).map_err(io_error(&part))?;
            if found == file.sha256 {
                fs::rename(&part, &path).map_err(io_error(&path))?;
                return Ok(Fetched::Downloaded);
            }
            if !is_resumed {
                fs::remove_file(&part).map_err(io_error(&part))?;
                return Err(FetchError::Checksum { url: url.to_owned(), found, expected: file.sha256.to_owned() });
            }
            // The beginning may have been of another file: once more, from nothing.
            is_resumed = false;
            output.set_len(0).map_err(io_error(&part))?;
        }
    }

    /// Receives what is missing, over as many connections as it takes.
    fn receive(
        &self,
        file: &RemoteFile,
        url: &str,
        output: &mut File,
        part: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), FetchError> {
        let mut fruitless = 0;
        loop {
            let before = output.metadata().map_err(io_error(part))?.len();
            if before == file.bytes {
                progress(before);
                return Ok(());
            }
            let source = match self.transfer(file, url, output, part, progress)? {
                Transfer::Whole => continue,
                Transfer::Cut(source) => source,
            };
            let received = output.metadata().map_err(io_error(part))?.len();
            fruitless = if received > before { 0 } else { fruitless + 1 };
            if fruitless >= ATTEMPTS {
                return Err(FetchError::Connection { url: url.to_owned(), received, bytes: file.bytes, source });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// One connection.
    fn transfer(
        &self,
        file: &RemoteFile,
        url: &str,
        output: &mut File,
        part: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Transfer, FetchError> {
        let mut there = output.seek(SeekFrom::End(0)).map_err(io_error(part))?;
        let request = self.0.get(url);
        let request = if there > 0 { request.set("Range", &format!("bytes={there}-")) } else { request };
        let response = match request.call() {
            Ok(response) => response,
            Err(ureq::Error::Status(416, _)) if there > 0 => {
                output.set_len(0).map_err(io_error(part))?;
                return Ok(Transfer::Cut("the server has no such range".into()));
            }
            Err(ureq::Error::Status(status, _)) if status < 500 => {
                return Err(FetchError::Status { url: url.to_owned(), status });
            }
            Err(error) if [ErrorKind::InvalidUrl, ErrorKind::UnknownScheme].contains(&error.kind()) => {
                return Err(FetchError::Address { url: url.to_owned(), source: error.into() });
            }
            Err(error) => return Ok(Transfer::Cut(error.into())),
        };
        if there > 0 && !goes_on_from(&response, there) {
            output.set_len(0).map_err(io_error(part))?;
            there = output.seek(SeekFrom::Start(0)).map_err(io_error(part))?;
        }
        progress(there);
        let mut body = response.into_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) if there < file.bytes => return Ok(Transfer::Cut("it was closed".into())),
                Ok(0) => return Ok(Transfer::Whole),
                Ok(count) => count,
                Err(error) => return Ok(Transfer::Cut(error.into())),
            };
            there += count as u64;
            if there > file.bytes {
                fs::remove_file(part).map_err(io_error(part))?;
                return Err(FetchError::Length { url: url.to_owned(), bytes: file.bytes });
            }
            output.write_all(&buffer[..count]).map_err(io_error(part))?;
            progress(there);
        }
    }
}

/// Opens the file that holds what is there so far, and keeps other commands from it.
fn open_part(part: &Path, path: &Path) -> Result<File, FetchError> {
    let opened = OpenOptions::new().create(true).read(true).append(true).open(part);
    let output = opened.map_err(io_error(part))?;
    match output.try_lock() {
        Err(TryLockError::WouldBlock) => Err(FetchError::Busy { path: path.to_owned() }),
        // A file system without locks downloads as well.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(output),
    }
}

/// Whether the server sends the part that was asked for, and not the whole file.
fn goes_on_from(response: &Response, there: u64) -> bool {
    let range = response.header("Content-Range");
    response.status() == 206 && range.is_none_or(|range| range.starts_with(&format!("bytes {there}-")))
}

fn checksum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => digest.update(&buffer[..count]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path: PathBuf = path.to_owned();
    move |source| FetchError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    const URL: &str = "http://official/data/digits.gz";

    fn content() -> Vec<u8> {
        (0..200_000_u32).flat_map(|number| number.to_le_bytes()).collect()
    }

    fn sha256(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How the server answers a request.
    enum Answer {
        /// With what was asked for.
        Asked,
        /// With the whole file, whatever was asked for.
        Whole,
        /// With so many bytes of it, and an end of the connection.
        Cut(usize),
        /// With a status of HTTP and nothing else.
        Status(&'static str),
        /// With other bytes, as many as the file has.
        Wrong,
    }

    /// Serves one request after the other, each as it says; returns the ranges that were asked for.
    fn serve(answers: Vec<Answer>, download: impl FnOnce(&str)) -> Vec<Option<usize>> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/mirror/digits.gz", listener.local_addr().unwrap());
        thread::scope(|scope| {
            let server = scope
                .spawn(move || answers.iter().map(|answer| respond(&listener, answer)).collect::<Vec<Option<usize>>>());
            download(&url);
            server.join().unwrap()
        })
    }

    fn respond(listener: &TcpListener, answer: &Answer) -> Option<usize> {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
        assert!(head[0].starts_with("get /mirror/digits.gz "), "{head:?}");
        let range = head.iter().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
        let all = content();
        let from = range.unwrap_or(0);
        let partial = |from: usize| {
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", all.len() - 1, all.len());
            if from > 0 { ("206 Partial Content", range) } else { ("200 OK", String::new()) }
        };
        let ((status, range_line), body, length) = match answer {
            Answer::Asked => (partial(from), all[from..].to_vec(), all.len() - from),
            Answer::Whole => (partial(0), all.clone(), all.len()),
            Answer::Cut(count) => (partial(from), all[from..from + count].to_vec(), all.len() - from),
            Answer::Status(status) => ((*status, String::new()), Vec::new(), 0),
            Answer::Wrong => (partial(0), vec![1; all.len()], all.len()),
        };
        let head = format!("HTTP/1.1 {status}\r\n{range_line}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        // The client may leave before the end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        range
    }

    /// Asks for the file in a folder that holds the first bytes of it, and checks that it is whole afterwards.
    fn check(there: usize, answers: Vec<Answer>, expected: &[Option<usize>]) {
        let folder = tempfile::tempdir().unwrap();
        let (all, mut seen) = (content(), Vec::new());
        if there > 0 {
            fs::write(folder.path().join("digits.gz.part"), &all[..there]).unwrap();
        }
        let digest = sha256(&all);
        let file = RemoteFile { url: URL, bytes: all.len() as u64, sha256: &digest };
        let asked = serve(answers, |url| {
            let fetched = client().download(&file, url, folder.path(), &mut |bytes| seen.push(bytes)).unwrap();
            assert_eq!(fetched, Fetched::Downloaded);
        });
        assert_eq!(asked, expected);
        assert_eq!(fs::read(folder.path().join("digits.gz")).unwrap(), all);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
        assert_eq!(seen.last(), Some(&file.bytes));
        let again = client().download(&file, "http://127.0.0.1:1/none", folder.path(), &mut |_| {}).unwrap();
        assert_eq!(again, Fetched::There, "a file that is there is not asked for");
    }

    /// A proxy of the environment has no way to this process.
    fn client() -> Client {
        Client::new(false)
    }

    fn fails(answers: Vec<Answer>) -> (FetchError, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let (all, mut failed) = (content(), None);
        let digest = sha256(&all);
        let file = RemoteFile { url: URL, bytes: all.len() as u64, sha256: &digest };
        serve(answers, |url| failed = client().download(&file, url, folder.path(), &mut |_| {}).err());
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        (failed.unwrap(), names.map(|name| name.into_string().unwrap()).collect())
    }

    #[test]
    fn a_file_is_whole_however_the_connections_end() {
        check(0, vec![Answer::Asked], &[None]);
        check(1000, vec![Answer::Asked], &[Some(1000)]);
        check(1000, vec![Answer::Whole], &[Some(1000)]);
        check(0, vec![Answer::Cut(300_000), Answer::Cut(1), Answer::Asked], &[None, Some(300_000), Some(300_001)]);
        check(0, vec![Answer::Status("503 Service Unavailable"), Answer::Asked], &[None, None]);
        check(content().len(), vec![], &[]);
    }

    #[test]
    fn a_beginning_that_was_of_another_file_is_received_again() {
        let folder = tempfile::tempdir().unwrap();
        let all = content();
        fs::write(folder.path().join("digits.gz.part"), vec![9; 5000]).unwrap();
        let digest = sha256(&all);
        let file = RemoteFile { url: URL, bytes: all.len() as u64, sha256: &digest };
        let asked = serve(vec![Answer::Asked, Answer::Asked], |url| {
            client().download(&file, url, folder.path(), &mut |_| {}).unwrap();
        });
        assert_eq!(asked, [Some(5000), None]);
        assert_eq!(fs::read(folder.path().join("digits.gz")).unwrap(), all);
    }

    #[test]
    fn what_cannot_be_had_is_an_error_with_the_address() {
        let (error, left) = fails(vec![Answer::Status("404 Not Found")]);
        assert!(matches!(&error, FetchError::Status { status: 404, url } if url.contains("/mirror/digits.gz")));
        assert_eq!(left, ["digits.gz.part"]);
        let (error, left) = fails(vec![Answer::Wrong]);
        assert!(matches!(error, FetchError::Checksum { .. }), "{error:?}");
        assert!(left.is_empty(), "wrong bytes do not stay");
        let (error, left) = fails(vec![Answer::Cut(10), Answer::Cut(0), Answer::Cut(0), Answer::Cut(0)]);
        assert!(matches!(error, FetchError::Connection { received: 10, .. }), "{error:?}");
        assert_eq!(left, ["digits.gz.part"], "the next attempt goes on from it");
    }

    #[test]
    fn a_file_of_a_person_and_one_that_is_being_downloaded_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = RemoteFile { url: URL, bytes: 4, sha256: &sha256(b"data") };
        let download = || client().download(&file, "http://127.0.0.1:1/none", folder.path(), &mut |_| {});
        let other = open_part(&folder.path().join("digits.gz.part"), Path::new("x")).unwrap();
        assert!(matches!(download(), Err(FetchError::Busy { .. })));
        drop(other);
        fs::write(folder.path().join("digits.gz"), "mine").unwrap();
        assert!(matches!(download(), Err(FetchError::Other { .. })));
        assert_eq!(fs::read(folder.path().join("digits.gz")).unwrap(), b"mine");
    }
}
