//! Findings about loops: what their rules have in common.

use super::proof::{Loop, circling, recipient};
use super::ties::ties;
use super::{About, Facts, Found};
use crate::diagnostic::{Circling, Confidence, Finding, Remedy, Severity, counted, counted_as, some_names};
use crate::model::{ConnectorRef, Message, ServerIdx};
use crate::verify::{
    Bound, Certainty, Edit, MessageClass, Recipient, Witness, classes_in_words, describe, phrase, restart_phrase,
};

/// What to say where no change that was tried ends a loop.
const NO_REPAIR: &str = "no change that was tried ends it; `bridgehead verify` shows what each router goes by";

/// A finding about a loop, with the witness and what ends it.
pub(super) fn of_loop(facts: &Facts<'_>, found: &Found, looped: &Loop, about: About) -> Finding {
    let (world, proof) = (facts.world(), facts.proof());
    let verification = &proof.verification;
    let witness = proof.witness(looped);
    let witnesses = looped.witnesses.iter().map(|at| &verification.witnesses[*at]);
    let for_whom = recipients_of(facts, &verification.recipients, witnesses);
    let circling = circling(world, &verification.recipients, witness);
    let when = when(&circling);
    let must = match witness.certainty {
        Certainty::Must => "circles",
        Certainty::May => "can circle",
    };
    let mut holders = circling.cycle.clone();
    holders.dedup();
    let message = format!("mail for {for_whom} {must} {when}");
    let mut finding = found.about(about, message);
    finding.severity = Severity::Error;
    finding.confidence = Confidence::Proved;
    finding = finding.fact(match &holders[..] {
        [one] => format!("servers of {one} hand it to each other"),
        several => format!("it goes round between {}", some_names(several)),
    });
    if let Some(fact) = class_fact(&verification.classes, witness) {
        finding = finding.fact(fact);
    }
    if witness.certainty == Certainty::May {
        finding = finding.fact(escape(facts, witness));
    }
    finding.remedy = advised(facts, &proof.edits(facts, looped));
    finding.witness = Some(circling);
    finding
}

/// By what choice mail gets out of a circle that it does not have to run.
fn escape(facts: &Facts<'_>, witness: &Witness) -> String {
    let ties = ties(facts, witness);
    match ties.is_empty() {
        true => "another of the servers that can take it, in another site or of another version, can spare it that"
            .to_owned(),
        false => {
            let groups = ties.iter().map(|tie| &facts.org.routing_groups()[tie.group].name);
            format!(
                "another of several equally good ways from {} can spare it that",
                some_names(groups)
            )
        }
    }
}

/// Whom the mail of some witnesses is for, each once.
pub(super) fn recipients_of<'w>(
    facts: &Facts<'_>,
    recipients: &[Recipient],
    witnesses: impl Iterator<Item = &'w Witness>,
) -> String {
    let mut all: Vec<usize> = witnesses.map(|witness| witness.recipient).collect();
    all.sort_unstable();
    all.dedup();
    some_names(all.into_iter().map(|at| recipient(facts.world(), &recipients[at])))
}

/// What has to fail.
pub(super) fn when(circling: &Circling) -> String {
    match &circling.failed[..] {
        [] => "while all is up".to_owned(),
        [one] => format!("as soon as {one} fails"),
        several => format!("as soon as {} fail", some_names(several)),
    }
}

/// What is special about the messages of a witness; `None`: nothing.
pub(super) fn class_fact(all: &[MessageClass], witness: &Witness) -> Option<String> {
    let class = &all[witness.class];
    let (hour_matters, more) = classes_in_words(all, witness.class, &witness.also_in);
    let class = class_phrase(class, hour_matters)?;
    let more = match more {
        0 => String::new(),
        n => {
            let does = "more class of messages does";
            format!("; {} the same", counted_as(n, does, "more classes of messages do"))
        }
    };
    Some(format!("it is {class}{more}"))
}

/// Edits as advice.
///
/// Suppression is advised for every server that lacks it: on some servers only it is a finding of its own (RG004, R41). The
/// loop ends all the same, since with more suppression only fewer connectors can be believed down.
fn advised(facts: &Facts<'_>, edits: &[Edit]) -> Remedy {
    let org = facts.org;
    let enough = edits.iter().filter_map(|edit| match edit {
        Edit::Suppress(server) => Some(*server),
        _ => None,
    });
    let enough: Vec<ServerIdx> = enough.collect();
    let others = edits.iter().filter(|edit| !matches!(edit, Edit::Suppress(_)));
    let mut phrases: Vec<String> = others.clone().map(|edit| phrase(org, edit)).collect();
    let mut changes: Vec<_> = others.map(|edit| describe(org, edit)).collect();
    if !enough.is_empty() {
        let lacks_it = |server: &ServerIdx| {
            let server = &org.servers()[*server];
            !server.suppress_state_changes || server.awaits_restart()
        };
        let servers: Vec<ServerIdx> = facts.with_tables().filter(lacks_it).collect();
        let named = |servers: &[ServerIdx]| some_names(servers.iter().map(|server| &org.servers()[*server].name));
        let (set, unset): (Vec<ServerIdx>, Vec<ServerIdx>) = servers
            .iter()
            .partition(|server| org.servers()[**server].awaits_restart());
        if !unset.is_empty() {
            let whose = if unset.len() == 1 { "its" } else { "their" };
            phrases.push(format!(
                "set SuppressStateChanges on {} and restart {whose} services (R39, R41)",
                named(&unset)
            ));
        }
        if !set.is_empty() {
            phrases.push(restart_phrase(&named(&set)));
        }
        if enough.len() < servers.len() {
            let verb = if enough.len() == 1 { "is" } else { "are" };
            phrases.push(format!("against this loop {} {verb} enough", named(&enough)));
        }
        changes.extend(servers.iter().map(|server| describe(org, &Edit::Suppress(*server))));
    }
    Remedy {
        advice: match phrases.is_empty() {
            true => NO_REPAIR.to_owned(),
            false => phrases.join("; "),
        },
        edits: changes,
    }
}

/// What is special about a class of messages; `None`: nothing.
fn class_phrase(class: &MessageClass, at_some_hours: bool) -> Option<String> {
    let message = class.message();
    let ordinary = Message::default();
    let mut parts = Vec::new();
    if let Some(size) = class.size {
        parts.push(match size.max {
            Some(max) if max == size.min => format!("of {}", counted(max, "byte")),
            Some(max) if size.min == 0 => format!("of at most {}", counted(max, "byte")),
            Some(max) => format!("of {} to {}", size.min, counted(max, "byte")),
            None => format!("of {} and more", counted(size.min, "byte")),
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
    if let Some(at) = class.at.filter(|_| at_some_hours) {
        parts.push(format!("at hours such as {at}"));
    }
    (!parts.is_empty()).then(|| format!("mail {}", parts.join(", ")))
}

/// Says that the search for loops did not get everywhere, and which bounds it reached, if it did.
pub(super) fn tell_of_bounds(facts: &Facts<'_>, found: &mut Found) {
    let verification = &facts.proof().verification;
    for bound in &verification.reached {
        found.unchecked(stopped_at(*bound, verification.checked));
    }
}

/// What a search for loops did not look at because of a bound, after so many failure sets.
pub(super) fn stopped_at(bound: Bound, checked: u64) -> String {
    match bound {
        Bound::Checks => format!(
            "the search for loops stopped after {}; `--max-checks` raises the bound",
            counted(checked, "failure set")
        ),
        Bound::CircleSteps => {
            "with some failures equally good ways meet in more circles than are listed; different costs make them fewer"
                .to_owned()
        }
        Bound::AddressClasses => {
            "X.400 address spaces overlap in more ways than are told apart (V17), so that for some addresses no loop was looked for"
                .to_owned()
        }
        Bound::Cuts => "failures part routing groups in more ways than are tried".to_owned(),
        Bound::MessageClasses => {
            "limits, lists and hours tell more than 100,000 kinds of messages apart (V19); only for the first loops were looked for".to_owned()
        }
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
