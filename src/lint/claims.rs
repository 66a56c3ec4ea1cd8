//! Findings about loops: what their rules have in common.

use super::facts::{counted, names};
use super::proof::{Loop, circling, recipient, remedy};
use super::{About, Facts, Found};
use crate::diagnostic::{Confidence, Finding, Remedy, Severity};
use crate::model::{ConnectorRef, Message};
use crate::verify::{Certainty, MessageClass};

/// What to say where no change that was tried ends a loop.
const NO_REPAIR: &str =
    "no one or two changes that were tried end it; `bridgehead verify` shows what each router goes by";

/// A finding about a loop, with the witness and what ends it.
pub(super) fn of_loop(facts: &Facts<'_>, found: &Found, looped: &Loop, about: About) -> Finding {
    let (world, proof) = (facts.world(), facts.proof());
    let verification = &proof.verification;
    let witness = proof.witness(looped);
    let witnesses = looped.witnesses.iter().map(|at| &verification.witnesses[*at]);
    let mut for_whom: Vec<_> = witnesses.map(|witness| witness.recipient).collect();
    for_whom.sort_unstable();
    for_whom.dedup();
    let for_whom = for_whom
        .iter()
        .map(|at| recipient(world, &verification.recipients[*at]));
    let circling = circling(world, verification, witness);
    let when = match &circling.failed[..] {
        [] => "while all is up".to_owned(),
        [one] => format!("as soon as {one} fails"),
        several => format!("as soon as {} fail", names(several)),
    };
    let must = match witness.certainty {
        Certainty::Must => "circles",
        Certainty::May => "can circle",
    };
    let mut holders = circling.cycle.clone();
    holders.dedup();
    let message = format!("mail for {} {must} {when}", names(for_whom));
    let mut finding = found.about(about, message);
    finding.severity = Severity::Error;
    finding.confidence = Confidence::Proved;
    finding = finding.fact(match &holders[..] {
        [one] => format!("servers of {one} hand it to each other"),
        several => format!("it goes round between {}", names(several)),
    });
    if let Some(class) = class_phrase(&verification.classes[witness.class]) {
        let more = match witness.also_in.len() {
            0 => String::new(),
            n => format!(", and so do {} of messages", classes(n)),
        };
        finding = finding.fact(format!("it is {class}{more}"));
    }
    if witness.certainty == Certainty::May {
        finding = finding.fact("a choice among equally good ways, or where the mail starts, can spare it that");
    }
    finding.remedy = remedy(world, proof.edits(looped)).unwrap_or_else(|| Remedy {
        advice: NO_REPAIR.to_owned(),
        edits: Vec::new(),
    });
    finding.witness = Some(circling);
    finding
}

fn classes(n: usize) -> String {
    match n {
        1 => "1 more class".to_owned(),
        n => format!("{n} more classes"),
    }
}

/// What is special about a class of messages; `None`: nothing.
fn class_phrase(class: &MessageClass) -> Option<String> {
    let message = class.message();
    let ordinary = Message::default();
    let mut parts = Vec::new();
    if let Some(size) = class.size {
        parts.push(match size.max {
            Some(max) if size.min == 0 => format!("of at most {max} bytes"),
            Some(max) => format!("of {} to {max} bytes", size.min),
            None => format!("of {} bytes and more", size.min),
        });
    }
    if let Some(sender) = &class.sender {
        parts.push(format!("from {}", sender.value()));
    }
    if message.priority != ordinary.priority {
        parts.push(format!("of {:?} priority", message.priority).to_lowercase());
    }
    if message.message_type != ordinary.message_type {
        parts.push("written by the system".to_owned());
    }
    (!parts.is_empty()).then(|| format!("mail {}", parts.join(", ")))
}

/// Says that the search for loops did not get everywhere, if it did not.
pub(super) fn tell_of_bounds(facts: &Facts<'_>, found: &mut Found) {
    if !facts.proof().verification.complete {
        found.unchecked(format!(
            "the search for loops stopped after {}; `--max-checks` raises the bound",
            counted(
                usize::try_from(facts.proof().verification.checked).unwrap_or(usize::MAX),
                "failure set"
            )
        ));
    }
}

/// Loops of a cause that names a connector, one finding for each.
pub(super) fn of_connector(
    facts: &Facts<'_>,
    found: &mut Found,
    wanted: impl Fn(super::proof::Cause) -> Option<ConnectorRef>,
) {
    for looped in &facts.proof().loops {
        if let Some(connector) = wanted(looped.cause) {
            found.push(of_loop(facts, found, looped, facts.connector(connector)));
        }
    }
    tell_of_bounds(facts, found);
}
