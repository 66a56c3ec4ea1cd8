//! From files and pipes to text.
//!
//! Whatever PowerShell writes is read: UTF-8 with and without a byte-order mark, and UTF-16 with one, which is what `>` of
//! Windows PowerShell 5.1 makes. What is not text, is too large or can't be opened is refused with what to do about it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::document::Document;
use crate::diagnostic::{Problem, Source, Span};

/// How a document is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rusty Object Notation, `*.ron`.
    Ron,
    /// `*.json`.
    Json,
}

impl Format {
    /// The format that the extension of `path` stands for, in any case.
    pub fn of_path(path: &Path) -> Option<Format> {
        let extension = path.extension()?.to_str()?;
        [("ron", Format::Ron), ("json", Format::Json)]
            .into_iter()
            .find_map(|(known, format)| extension.eq_ignore_ascii_case(known).then_some(format))
    }
}

/// What may be how large. Every message about a limit names the option that raises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one input, as it is stored and as UTF-8 (64 MiB); `--max-input-size`. Never more than 4 GiB.
    pub max_input_size: u64,
    /// Levels of brackets (48); `--max-nesting`. In RON the parser itself stops near 60.
    pub max_nesting: usize,
    /// Characters of a name, an address or another text (2048); `--max-name-length`.
    pub max_name_length: usize,
    /// Sites (100 000); `--max-sites`.
    pub max_sites: usize,
    /// Site links (1 000 000); `--max-site-links`.
    pub max_site_links: usize,
    /// Records of all kinds together (2 000 000); `--max-records`. An empty record takes three bytes in the file and a
    /// hundred times as much in memory.
    pub max_records: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_input_size: 64 << 20,
            max_nesting: 48,
            max_name_length: 2048,
            max_sites: 100_000,
            max_site_links: 1_000_000,
            max_records: 2_000_000,
        }
    }
}

/// An input that can't be used, and why. The text is what could be decoded of it; places of the problems lie in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The input.
    pub source: Source,
    /// What is wrong; at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problems[..] {
            [problem] => write!(f, "read {}: {}", self.source.name, problem.message),
            problems => write!(f, "read {}: {} problems", self.source.name, problems.len()),
        }
    }
}

impl std::error::Error for Rejected {}

/// Reads the topology file at `path`, in the format its extension stands for unless `format` says otherwise.
///
/// The source is returned too: places in the document are places in its text.
pub fn open(path: &Path, format: Option<Format>, limits: &Limits) -> Result<(Source, Document), Rejected> {
    let (source, format) = fetch_file_of(path, format.or_else(|| Format::of_path(path)), limits)?;
    match super::read(&source, format, limits) {
        Ok(document) => Ok((source, document)),
        Err(problems) => Err(Rejected { source, problems }),
    }
}

/// The text of the file at `path`, which has that format; an error if nobody knows the format.
pub fn fetch_file_of(path: &Path, format: Option<Format>, limits: &Limits) -> Result<(Source, Format), Rejected> {
    let source = fetch_file(path, limits)?;
    match format {
        Some(format) => Ok((source, format)),
        None => {
            let problem = Problem::new(Span::NONE, "", "the name of the file doesn't tell its format");
            let problems = vec![problem.help("name it *.ron or *.json, or use `--input-format`")];
            Err(Rejected { source, problems })
        }
    }
}

/// The text of the file at `path`.
pub fn fetch_file(path: &Path, limits: &Limits) -> Result<Source, Rejected> {
    let name = path.display().to_string();
    let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    match opened {
        Ok((_, metadata)) if metadata.is_dir() => {
            let problem = Problem::new(Span::NONE, "", "this is a directory, not a file");
            Err(reject(&name, problem.help("name a file in it")))
        }
        Ok((file, metadata)) => fetch_sized(&name, file, metadata.len(), limits),
        Err(error) => Err(reject(&name, unreadable(&error))),
    }
}

/// The text that `input` holds. Reading stops at the limit.
pub fn fetch(name: &str, input: impl Read, limits: &Limits) -> Result<Source, Rejected> {
    fetch_sized(name, input, 0, limits)
}

fn fetch_sized(name: &str, input: impl Read, expected: u64, limits: &Limits) -> Result<Source, Rejected> {
    let max = size_limit(limits);
    // One more byte than expected lets the reader see the end without growing.
    let capacity = usize::try_from(expected.min(max).saturating_add(1)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(capacity);
    match input.take(max.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) => decode(name, bytes, limits),
        Err(error) => Err(reject(name, unreadable(&error))),
    }
}

/// The text that `bytes` stand for.
pub fn decode(name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Source, Rejected> {
    let max = size_limit(limits);
    let too_large = || {
        let problem = Problem::new(Span::NONE, "", format!("larger than {max} bytes"));
        reject(name, problem.help("`--max-input-size` raises the limit, up to 4 GiB"))
    };
    if bytes.len() as u64 > max {
        return Err(too_large());
    }
    let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((UTF_8, 0));
    let text = if encoding == UTF_8 {
        utf8(name, bytes, mark)?
    } else {
        let (text, faulty) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if faulty {
            let at = text.find('\u{FFFD}').unwrap_or(0);
            let message = format!("this is not valid {}", encoding.name());
            let problem = Problem::new(Span::new(at, at + 1), "", message).help("save the file as UTF-8");
            return Err(Rejected {
                source: Source::new(name, text),
                problems: vec![problem],
            });
        }
        text.into_owned()
    };
    if text.len() as u64 > max {
        return Err(too_large());
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let message = format!("this is a binary file, not a text: a NUL byte at offset {at}");
        let problem = Problem::new(Span::NONE, "", message);
        return Err(reject(
            name,
            problem.help("UTF-8 is read, and UTF-16 with a byte-order mark"),
        ));
    }
    Ok(Source::new(name, text))
}

/// The text of `bytes` after the byte-order mark; nothing is copied if all is well.
fn utf8(name: &str, mut bytes: Vec<u8>, mark: usize) -> Result<String, Rejected> {
    bytes.drain(..mark);
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        if bytes.contains(&0) {
            let problem = Problem::new(Span::NONE, "", "this is a binary file, not a text");
            return reject(name, problem.help("UTF-8 is read, and UTF-16 with a byte-order mark"));
        }
        let message = format!(
            "this is not valid UTF-8: byte 0x{:02X} at offset {}",
            bytes[at],
            at + mark
        );
        let problem = Problem::new(Span::new(at, at + 1), "", message).help("save the file as UTF-8");
        Rejected {
            source: Source::new(name, String::from_utf8_lossy(&bytes)),
            problems: vec![problem],
        }
    })
}

/// Places are 32 bits wide.
fn size_limit(limits: &Limits) -> u64 {
    limits.max_input_size.min(u64::from(u32::MAX) - 1)
}

fn reject(name: &str, problem: Problem) -> Rejected {
    Rejected {
        source: Source::new(name, ""),
        problems: vec![problem],
    }
}

fn unreadable(error: &io::Error) -> Problem {
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such file".to_owned(), "is the path right?"),
        io::ErrorKind::PermissionDenied => ("permission denied".to_owned(), "may you read this file?"),
        io::ErrorKind::NotADirectory => ("a part of the path is a file".to_owned(), "is the path right?"),
        io::ErrorKind::IsADirectory => ("this is a directory, not a file".to_owned(), "name a file in it"),
        // The system's own words, without the error number that only programmers look up.
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
            (format!("can't be read: {text}"), "can another program open it?")
        }
    };
    Problem::new(Span::NONE, "", message).help(help)
}
