//! Parts of long work as files, each with a receipt that says what it is a part of.

use std::ops::Range;
use std::path::Path;

use bridgehead::diagnostic::Source;
use bridgehead::load::Format;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use super::messages::Messages;
use super::output::Output;
use super::shard::Shard;

/// What `format` says of a part.
const PART_FORMAT: &str = "bridgehead.part/1";

/// A part: all that `merge` needs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    format: String,
    pub(super) receipt: Receipt,
    /// The topology, and the older one of `--previous` behind it.
    pub(super) inputs: Vec<Input>,
    results: Box<RawValue>,
}

/// What a part is a part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    /// Of the program that made it.
    pub(super) version: String,
    /// Every option of `verify` that changes the result.
    pub(super) asked: Vec<String>,
    /// SHA-256 of version, options, and inputs.
    pub(super) input: String,
    /// Which part of how many, from 1.
    pub(super) part: u64,
    pub(super) of: u64,
    /// From the first piece of work to the one behind the last, and how many there are in all.
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) all: u64,
    /// SHA-256 of the results as they stand in the file.
    pub(super) results: String,
}

/// An input, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// As it was called where the part was made; it may be called otherwise elsewhere.
    pub(super) name: String,
    pub(super) json: bool,
    pub(super) text: String,
}

impl Input {
    pub(super) fn new(source: &Source, format: Format) -> Input {
        Input {
            name: source.name.clone(),
            json: format == Format::Json,
            text: source.text.clone(),
        }
    }

    pub(super) fn source(&self) -> (Source, Format) {
        let format = if self.json { Format::Json } else { Format::Ron };
        (Source::new(self.name.as_str(), self.text.as_str()), format)
    }
}

/// What is to be done, before it is done.
pub(super) struct Plan {
    pub(super) asked: Vec<String>,
    pub(super) inputs: Vec<Input>,
    pub(super) shard: Shard,
    /// Pieces of work in all.
    pub(super) all: u64,
}

impl Plan {
    pub(super) fn range(&self) -> Range<u64> {
        self.shard.range(self.all)
    }

    fn receipt(&self, results: String) -> Receipt {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let range = self.range();
        Receipt {
            input: input_hash(&version, &self.asked, &self.inputs),
            version,
            asked: self.asked.clone(),
            part: self.shard.index,
            of: self.shard.of,
            from: range.start,
            to: range.end,
            all: self.all,
            results,
        }
    }

    /// Whether the file of `-o` is this very part already. One that is something else is not touched.
    pub(super) fn is_done(&self, output: &Output, messages: &Messages) -> Result<bool, Failure> {
        let Some(path) = output.path() else {
            return Err(Failure::usage("a part is a file").help("add `-o PART`"));
        };
        match std::fs::metadata(path) {
            Ok(there) if there.is_file() => {}
            Ok(_) => {
                let message = format!("{} is there already, and no file", path.display());
                return Err(Failure::usage(message).help("a part is a file: name one"));
            }
            // Told before the work and not behind it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return output.expect_folder().map(|()| false);
            }
            Err(error) => return Err(Failure::output_to(path, error)),
        }
        let text = std::fs::read(path).map_err(|error| Failure::output_to(path, error))?;
        let refuse = |why: &str| {
            let message = format!("{} is there already: {why}", path.display());
            Err(Failure::usage(message).help("remove it, or write to another file"))
        };
        let part = match Part::read(&text) {
            Ok(part) => part,
            Err(why) => return refuse(&why),
        };
        let expected = self.receipt(part.receipt.results.clone());
        if part.receipt != expected {
            return refuse(&part.receipt.objection(&expected));
        }
        messages.note(&format!(
            "{}: part {} of {} is complete, and left as it is",
            path.display(),
            self.shard.index,
            self.shard.of
        ));
        Ok(true)
    }

    /// Writes the part with what was found.
    pub(super) fn write<T: Serialize>(self, results: &T, output: Output) -> Result<(), Failure> {
        let results = serde_json::value::to_raw_value(results).expect("results are JSON");
        let part = Part {
            format: PART_FORMAT.to_owned(),
            receipt: self.receipt(hash([results.get()])),
            inputs: self.inputs,
            results,
        };
        output.write(|out| {
            serde_json::to_writer(&mut *out, &part)?;
            writeln!(out)
        })
    }
}

impl Receipt {
    /// In which way it is another part than `other`, or a part of something else.
    pub(super) fn objection(&self, other: &Receipt) -> String {
        if self.asked != other.asked {
            let only = |a: &[String], b: &[String]| -> String {
                let only: Vec<&str> = a
                    .iter()
                    .filter(|option| !b.contains(option))
                    .map(String::as_str)
                    .collect();
                if only.is_empty() {
                    "no more options".to_owned()
                } else {
                    only.join(" ")
                }
            };
            return format!(
                "it is of another question: {} instead of {}",
                only(&self.asked, &other.asked),
                only(&other.asked, &self.asked)
            );
        }
        if self.input != other.input {
            return "it is of another topology".to_owned();
        }
        if self.of != other.of || self.all != other.all {
            return format!("it is part {} of {}, and not one of {}", self.part, self.of, other.of);
        }
        format!("it is part {}, and not part {}, of {}", self.part, other.part, self.of)
    }
}

impl Part {
    /// A part from the bytes of its file, with its hashes held against what is in it.
    pub(super) fn read(bytes: &[u8]) -> Result<Part, String> {
        let part: Part =
            serde_json::from_slice(bytes).map_err(|error| format!("this is no part, or not all of one: {error}"))?;
        let receipt = &part.receipt;
        if part.format != PART_FORMAT {
            return Err(format!("this is `{}`, and not `{PART_FORMAT}`", part.format));
        }
        // Whoever puts parts together does what is left by his own rules.
        let own = env!("CARGO_PKG_VERSION");
        if receipt.version != own {
            return Err(format!("it was made by version {}, and this is {own}", receipt.version));
        }
        if receipt.input != input_hash(&receipt.version, &receipt.asked, &part.inputs) {
            return Err("its input is not what its receipt says".to_owned());
        }
        if receipt.results != hash([part.results.get()]) {
            return Err("its results are not what its receipt says".to_owned());
        }
        let shard = Shard {
            index: receipt.part,
            of: receipt.of,
        };
        let is_part = (1..=shard.of).contains(&shard.index);
        if !is_part || shard.range(receipt.all) != (receipt.from..receipt.to) {
            return Err("its receipt contradicts itself".to_owned());
        }
        Ok(part)
    }

    /// What it found.
    pub(super) fn results<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.results.get()).map_err(|error| format!("its results cannot be read: {error}"))
    }
}

/// Reads a file of at most `bytes_max` bytes.
pub(super) fn read_file(path: &Path, bytes_max: u64) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    let read = file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    match bytes.len() as u64 > bytes_max {
        true => Err(format!(
            "it is larger than {bytes_max} bytes; --max-part-size allows more"
        )),
        false => Ok(bytes),
    }
}

fn input_hash(version: &str, asked: &[String], inputs: &[Input]) -> String {
    let counts = format!("{} {}", asked.len(), inputs.len());
    let asked = asked.iter().map(String::as_str);
    let inputs = inputs
        .iter()
        .flat_map(|input| [if input.json { "json" } else { "ron" }, &input.text]);
    hash([counts.as_str(), version].into_iter().chain(asked).chain(inputs))
}

/// SHA-256 of texts, each with its length before it, in hexadecimal digits.
fn hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    let digits = hash.finalize();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}
