//! Certificates as files, and what checking one comes to.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::VerifyFormat;
use crate::report::escape::escaped;
use crate::report::text::{Page, Palette, counted};
use crate::verify::{Certificate, Checked};

/// The value of `format` in [`CheckRecord`].
pub const CHECK_FORMAT: &str = "bridgehead.check/1";

/// `verify --check`: what a certificate comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckRecord<'a> {
    /// `bridgehead.check/1`.
    pub format: &'static str,
    /// Nothing in it is wrong.
    pub valid: bool,
    /// Most connectors that fail at the same time.
    pub max_failures: usize,
    /// Failure sets that were held against the organization.
    pub sets: u64,
    /// Sets with which mail can circle.
    pub loops: Vec<FlawRecord<'a>>,
    /// What is wrong.
    pub flaws: Vec<FlawRecord<'a>>,
}

/// A place in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlawRecord<'a> {
    /// `site:NAME`, `rg:NAME` or an address space; absent for the certificate as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<&'a str>,
    /// What has failed, by name.
    pub failed: &'a [String],
    /// What is wrong; absent for a loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
}

/// Writes a certificate, an item of each list on a line.
///
/// # Errors
/// Those of `out`.
pub fn write_certificate(certificate: &Certificate, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{{\"format\":{},\"max_failures\":{},\"decisions\":{}",
        serde_json::to_string(&certificate.format)?,
        certificate.max_failures,
        serde_json::to_string(&certificate.decisions)?
    )?;
    lines("messages", &certificate.messages, out)?;
    lines("sites", &certificate.sites, out)?;
    lines("groups", &certificate.groups, out)?;
    lines("claims", &certificate.claims, out)?;
    writeln!(out, "}}")
}

fn lines<T: Serialize>(name: &str, items: &[T], out: &mut dyn Write) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (at, item) in items.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, item)?;
    }
    write!(out, "]")
}

/// Writes what checking a certificate came to.
///
/// # Errors
/// Those of `out`.
pub fn write_checked(
    certificate: &Certificate,
    checked: &Checked,
    format: VerifyFormat,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Text => text(certificate, checked, &mut Page::new(out, palette)),
        VerifyFormat::Json => {
            let loops = checked.loops.iter();
            let flaws = checked.flaws.iter();
            let record = CheckRecord {
                format: CHECK_FORMAT,
                valid: checked.flaws.is_empty(),
                max_failures: certificate.max_failures,
                sets: checked.sets,
                loops: loops
                    .map(|(recipient, failed)| FlawRecord {
                        recipient: Some(recipient),
                        failed,
                        message: None,
                    })
                    .collect(),
                flaws: flaws
                    .map(|flaw| FlawRecord {
                        recipient: flaw.recipient.as_deref(),
                        failed: &flaw.failed,
                        message: Some(&flaw.message),
                    })
                    .collect(),
            };
            serde_json::to_writer_pretty(&mut *out, &record)?;
            writeln!(out)
        }
    }
}

/// Places that text lists.
const SHOWN: usize = 10;

fn text(certificate: &Certificate, checked: &Checked, page: &mut Page<'_>) -> io::Result<()> {
    let sets = counted(checked.sets, "failure set");
    let (style, answer) = match (checked.flaws.len(), checked.loops.len()) {
        (0, 0) => (
            page.palette.good,
            format!(
                "The certificate holds: no mail can circle with at most {} failed.",
                counted(certificate.max_failures, "connector")
            ),
        ),
        (0, loops) => (
            page.palette.bad,
            format!(
                "The certificate holds, and with {} mail can circle.",
                counted(loops, "failure set")
            ),
        ),
        (flaws, _) => (
            page.palette.bad,
            format!("The certificate does not hold: {}.", counted(flaws, "flaw")),
        ),
    };
    page.paragraph(style, 0, &answer)?;
    let claims = counted(certificate.claims.len(), "claim");
    page.paragraph(page.palette.dim, 0, &format!("{claims}, {sets} checked."))?;
    let flaws = checked
        .flaws
        .iter()
        .map(|flaw| (flaw.recipient.as_deref(), &flaw.failed, flaw.message.as_str()));
    let loops = checked
        .loops
        .iter()
        .map(|(recipient, failed)| (Some(recipient.as_str()), failed, "mail can circle"));
    for (recipient, failed, message) in flaws.chain(loops).take(SHOWN) {
        let whom = recipient.map_or(String::new(), |recipient| format!("mail for {recipient}: "));
        let when = match failed.is_empty() {
            true => String::new(),
            false => format!(" (with {} failed)", failed.join(", ")),
        };
        page.hanging(
            anstyle::Style::new(),
            2,
            4,
            &escaped(&format!("- {whom}{message}{when}")),
        )?;
    }
    let more = (checked.flaws.len() + checked.loops.len()).saturating_sub(SHOWN);
    if more > 0 {
        let text = format!("and {more} more, which --format json lists.");
        page.paragraph(page.palette.dim, 2, &text)?;
    }
    Ok(())
}
