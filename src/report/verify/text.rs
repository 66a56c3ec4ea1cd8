//! Loop by loop, on 80 columns.

use std::collections::BTreeSet;
use std::io;

use super::fix::RepairRecord;
use super::flood::write_flood;
use super::{Findings, InBetween, Reason, generation_of, life_text, transient_reasons, why_told};
use crate::diagnostic::some_names;
use crate::model::{MessageType, Name, Node, Organization, Schedule, SizeLimit};
use crate::report::escape::escaped;
use crate::report::record::MessageClassRecord;
use crate::report::text::{Page, always_up_text, counted, counted_as, enumeration, node_phrase, node_text};
use crate::verify::{
    Bound, Certainty, Edit, MessageClass, Recipient, Repairs, Verdict, Verification, Witness, World, all_reasons,
    classes_in_words, if_exempt_without_alternative, phrase,
};

pub(super) fn write(world: &World<'_>, findings: Findings<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let Findings {
        verification,
        repairs,
        max_failures,
        between,
        flood,
    } = findings;
    let (style, answer) = match verification.verdict() {
        Verdict::LoopFree => (page.palette.good, loop_free(max_failures)),
        Verdict::Loops => {
            let found = counted(verification.witnesses.len(), "loop");
            let among = match max_failures {
                0 => "with nothing failed".to_owned(),
                most => format!("with at most {} failed", counted(most, "connector")),
            };
            (page.palette.bad, format!("Mail can circle: {found} {among}."))
        }
        Verdict::Inconclusive => (
            page.palette.warn,
            "No loop was found, but not everything was tried.".to_owned(),
        ),
    };
    page.paragraph(style, 0, &answer)?;
    page.paragraph(page.palette.dim, 0, &effort(verification))?;
    write_bounds(&verification.reached, 0, page)?;
    for text in assumptions(world.org) {
        page.paragraph(page.palette.dim, 0, &escaped(&text))?;
    }
    let reasons = all_reasons(world, verification);
    for (at, witness) in verification.witnesses.iter().enumerate() {
        let steps = witness.steps.iter().zip(&reasons[at]);
        let told = Told {
            title: format!("Loop {}", at + 1),
            recipients: &verification.recipients,
            classes: &verification.classes,
            when: None,
            reasons: steps
                .map(|(step, reason)| why_told(world.org, step.at, reason))
                .collect(),
        };
        write_witness(world, witness, &told, page)?;
        write_own_fix(world, repairs, at, page)?;
    }
    if !verification.witnesses.is_empty() {
        write_other_reading(world, verification, page)?;
        write_repair(world, repairs, page)?;
    }
    if let Some(between) = between {
        write_transient(world, &between, page)?;
    }
    if let Some(flood) = flood {
        write_flood(world, flood, page)?;
    }
    write_black_holes(world, verification, page)
}

/// What the answer rests on and the file would allow to be otherwise.
pub(in crate::report) fn assumptions(org: &Organization) -> Vec<String> {
    let all = org.connectors_of_both_kinds().into_iter();
    let hours = all.filter(|connector| {
        let schedule = &org.restrictions(*connector).schedule;
        *schedule != Schedule::Never && schedule.ever_closes()
    });
    let hours: Vec<&Name> = hours.map(|connector| org.connector_name(connector)).collect();
    let mut all = Vec::new();
    if !hours.is_empty() {
        all.push(format!(
            "The hours of {} are those of one clock for the whole organization (D20), and mail circles within one state of them (V19).",
            some_names(hours)
        ));
    }
    if !org.edge_subscriptions().is_empty() {
        all.push("What Edge servers hand back is not followed (V1).".to_owned());
    }
    all
}

/// What was not looked at, and what would help.
pub(super) fn write_bounds(reached: &BTreeSet<Bound>, indent: usize, page: &mut Page<'_>) -> io::Result<()> {
    for bound in reached {
        page.paragraph(page.palette.warn, indent, bound_text(*bound))?;
    }
    Ok(())
}

fn bound_text(bound: Bound) -> &'static str {
    match bound {
        Bound::Checks => "A bound was reached, and what lies beyond it is not known. Raise --max-checks.",
        Bound::CircleSteps => {
            "With some failures equally good ways meet in more circles than are listed. Different costs would make them fewer."
        }
        Bound::AddressClasses => {
            "X.400 address spaces overlap in more ways than are told apart (V17), and some addresses were not looked at."
        }
        Bound::Cuts => {
            "Failures part routing groups in more ways than are tried (V29), so that news may be kept from one in a way that was not looked at."
        }
        Bound::MessageClasses => {
            "Limits, lists and hours tell more than 100,000 kinds of messages apart (V19), and only the first were looked at."
        }
    }
}

/// Loops that are there only while a change is news.
fn write_transient(world: &World<'_>, between: &InBetween<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let skew = between.skew;
    page.section("While legacy groups still act on the older configuration")?;
    if skew.transient.is_empty() {
        let (style, text) = match skew.complete() {
            true => (
                page.palette.good,
                "No mail circles that does not circle afterwards, whichever groups have heard of the change.",
            ),
            false => (page.palette.warn, "No loop was found, but not everything was tried."),
        };
        page.paragraph(style, 2, text)?;
        return write_bounds(&skew.reached, 2, page);
    }
    write_bounds(&skew.reached, 2, page)?;
    let text = "Each group hears of a change in the 2007 group within the hour (R42), at once when its master's routing engine \
                is restarted. Until then:";
    page.paragraph(anstyle::Style::new(), 2, text)?;
    for (at, transient) in skew.transient.iter().enumerate() {
        let unaware: Vec<String> = transient
            .unaware
            .iter()
            .map(|group| escaped(world.org.node_name(Node::RoutingGroup(*group)).as_str()).into_owned())
            .collect();
        let told = Told {
            title: format!("In between {}, until {} heard", at + 1, has_heard(&unaware)),
            recipients: &skew.recipients,
            classes: &skew.classes,
            when: None,
            reasons: transient_reasons(world, between, transient),
        };
        write_witness(world, &transient.witness, &told, page)?;
    }
    Ok(())
}

/// What ends this loop alone, where that is not what ends all.
fn write_own_fix(world: &World<'_>, repairs: &Repairs, witness: usize, page: &mut Page<'_>) -> io::Result<()> {
    let Some(edit) = repairs.single.get(witness).and_then(Option::as_ref) else {
        return Ok(());
    };
    if repairs.all.as_ref().is_some_and(|all| all.edits == [edit.clone()]) {
        return Ok(());
    }
    let text = format!("What ends this one alone: {}.", phrase(world.org, edit));
    page.hanging(page.palette.good, 2, 4, &escaped(&text))
}

fn has_heard(groups: &[String]) -> String {
    let verb = if groups.len() == 1 { "has" } else { "have" };
    format!("{} {verb}", enumeration(groups))
}

/// Where an open question decides about the answer (Q4).
fn write_other_reading(world: &World<'_>, verification: &Verification, page: &mut Page<'_>) -> io::Result<()> {
    let Some(other) = if_exempt_without_alternative(world, verification) else {
        return Ok(());
    };
    let names = other.exempt.into_iter();
    let names: Vec<String> = names
        .map(|connector| escaped(world.org.connector_name(connector).as_str()).into_owned())
        .collect();
    page.blank()?;
    let left = match other.verdict {
        Verdict::LoopFree => "no loop is left",
        Verdict::Loops | Verdict::Inconclusive => "none of these loops is left, but not everything was tried",
    };
    let text = format!(
        "All of this rests on failures of {}, to whose end no other way leads. Documents are unclear on whether link state ever \
         reports these; if it does not, {left} (--exempt-without-alternative).",
        enumeration(&names)
    );
    page.paragraph(page.palette.warn, 0, &text)
}

fn write_repair(world: &World<'_>, repairs: &Repairs, page: &mut Page<'_>) -> io::Result<()> {
    let plain = anstyle::Style::new();
    let Some(repair) = &repairs.all else {
        page.section("What would end it")?;
        let text = match repairs.complete {
            true => {
                "No changes that were tried clear every loop, nor does suppression on every server of 2000 and 2003."
            }
            false => "Nothing was found before the number of tries ran out.",
        };
        return page.paragraph(page.palette.warn, 2, text);
    };
    let org = world.org;
    let record = RepairRecord::new(org, world.graphs, world.options, repair);
    page.section("What would end it, verified")?;
    for (edit, record) in repair.edits.iter().zip(&record.edits) {
        page.hanging(page.palette.good, 2, 4, &format!("- {}", escaped(&phrase(org, edit))))?;
        if let Some(command) = &record.command {
            page.line(page.palette.dim, &format!("    {}", escaped(command)))?;
        }
    }
    if record
        .edits
        .iter()
        .any(|edit| edit.command.as_ref().is_some_and(|line| line.ends_with("-WhatIf")))
    {
        page.paragraph(
            page.palette.dim,
            4,
            "-WhatIf shows what the line would do; without it the line does it.",
        )?;
    }
    let routes = record.routes;
    let moved = routes.moves + routes.appears + routes.disappears;
    let effect = match moved {
        0 => "No route of ordinary mail changes while nothing fails.".to_owned(),
        _ => format!(
            "Of the routes of ordinary mail {} move, {} appear and {} disappear.",
            routes.moves, routes.appears, routes.disappears
        ),
    };
    page.paragraph(plain, 2, &effect)?;
    if !record.public_folder_referrals.is_empty() {
        let names: Vec<String> = record
            .public_folder_referrals
            .iter()
            .map(|name| escaped(name).into_owned())
            .collect();
        let text = format!(
            "Referrals of clients to public folders are priced by {} too.",
            enumeration(&names)
        );
        page.paragraph(page.palette.warn, 2, &text)?;
    }
    if repair.edits.iter().any(|edit| matches!(edit, Edit::Suppress(_))) {
        let text = "The vendor recommends SuppressStateChanges on every server of 2000 and 2003 (R37, R41), each with a \
                    restart of its SMTP, routing engine and MTA services.";
        page.paragraph(page.palette.dim, 2, text)?;
    }
    Ok(())
}

/// Black holes that text lists; a suppressed organization has as many as it has connectors.
const BLACK_HOLES_SHOWN: usize = 10;

/// Groups of a black hole that are named; the others are counted.
const GROUPS_SHOWN: usize = 8;

fn write_black_holes(world: &World<'_>, verification: &Verification, page: &mut Page<'_>) -> io::Result<()> {
    let all = &verification.black_holes;
    if all.is_empty() {
        return Ok(());
    }
    let org = world.org;
    let believable = world.beliefs.believable();
    page.section("No loops, but mail that waits although there is another way")?;
    for black_hole in all.iter().take(BLACK_HOLES_SHOWN) {
        let mut groups: Vec<String> = black_hole
            .at
            .iter()
            .take(GROUPS_SHOWN)
            .map(|group| escaped(org.node_name(Node::RoutingGroup(*group)).as_str()).into_owned())
            .collect();
        if black_hole.at.len() > GROUPS_SHOWN {
            groups.push(format!("{} more", black_hole.at.len() - GROUPS_SHOWN));
        }
        let because = match believable.always_up(black_hole.failed) {
            Some(always_up) => always_up_text(always_up),
            None => "Its group is stale, or nobody in its island listens.",
        };
        let all_classes = &verification.classes;
        let classes = match black_hole.also_in.len() + 1 == all_classes.len() {
            true => String::new(),
            false => format!(
                " ({})",
                classes_phrase(all_classes, black_hole.class, &black_hole.also_in)
            ),
        };
        let text = format!(
            "{} fails: mail from {} for {} waits{classes}. {because}",
            escaped(org.connector_name(believable.connector(black_hole.failed)).as_str()),
            enumeration(&groups),
            recipients_phrase(org, verification, &black_hole.recipients),
        );
        page.hanging(anstyle::Style::new(), 2, 4, &text)?;
    }
    if all.len() > BLACK_HOLES_SHOWN {
        let more = format!("and {} more, which --format json lists.", all.len() - BLACK_HOLES_SHOWN);
        page.paragraph(page.palette.dim, 2, &more)?;
    }
    Ok(())
}

/// Recipients by name while they are few.
const RECIPIENTS_SHOWN: usize = 3;

fn recipients_phrase(org: &Organization, verification: &Verification, positions: &[usize]) -> String {
    if positions.len() > RECIPIENTS_SHOWN {
        return counted(positions.len(), "recipient");
    }
    let names = positions.iter().map(|at| match &verification.recipients[*at] {
        Recipient::Node(node) => node_text(org, *node),
        class @ Recipient::AddressSpace { .. } => recipient_phrase(org, class),
    });
    enumeration(&names.collect::<Vec<_>>())
}

fn loop_free(max_failures: usize) -> String {
    match max_failures {
        0 => "No mail can circle while nothing fails.".to_owned(),
        1 => "No mail can circle, whichever connector fails.".to_owned(),
        most => format!("No mail can circle, whichever connectors fail, up to {most} at the same time."),
    }
}

/// What was tried.
fn effort(verification: &Verification) -> String {
    let classes = counted_as(verification.classes.len(), "class of messages", "classes of messages");
    let recipients = counted(verification.recipients.len(), "recipient");
    if verification.checked == 0 && verification.complete() {
        return format!("{recipients}, {classes}; all routers see the same, so that no failure had to be tried.");
    }
    format!(
        "{recipients}, {classes}; {} tried, {}.",
        counted(verification.checked, "failure set"),
        counted(verification.path_computations, "path computation"),
    )
}

/// What is told of a witness besides itself.
pub(super) struct Told<'t> {
    pub(super) title: String,
    pub(super) recipients: &'t [Recipient],
    pub(super) classes: &'t [MessageClass],
    /// What is said of when it is there; `None`: as soon as what it takes has failed.
    pub(super) when: Option<String>,
    /// One for each step.
    pub(super) reasons: Vec<Reason>,
}

pub(super) fn write_witness(
    world: &World<'_>,
    witness: &Witness,
    told: &Told<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    page.blank()?;
    let title = format!(
        "{}: mail for {} circles between {}",
        told.title,
        recipient_phrase(world.org, &told.recipients[witness.recipient]),
        routers_phrase(world.org, witness)
    );
    page.paragraph(page.palette.strong, 0, &title)?;
    let org = world.org;
    let plain = anstyle::Style::new();
    let names = escaped_names(world, &witness.failed);
    let when = match (&told.when, names.len()) {
        (Some(when), _) => when.clone(),
        (None, 0) => "When: with nothing failed.".to_owned(),
        (None, 1) => format!("When: as soon as {} fails.", names[0]),
        (None, _) => format!("When: as soon as {} fail.", enumeration(&names)),
    };
    let certainty = match witness.certainty {
        Certainty::Must => "Mail that is in it cannot get out.",
        Certainty::May => "Mail may get out of it, by another choice among equally good ways or servers.",
    };
    page.hanging(plain, 2, 4, &format!("{when} {certainty}"))?;
    let classes = classes_phrase(told.classes, witness.class, &witness.also_in);
    page.hanging(plain, 2, 4, &format!("Which mail: {classes}."))?;
    for (at, (step, reason)) in witness.steps.iter().zip(&told.reasons).enumerate() {
        let over = step.over.map_or(String::new(), |over| {
            let connector = &org.routing_group_connectors()[over];
            format!(" over {} (cost {})", escaped(connector.name.as_str()), connector.cost)
        });
        let by = generation_of(org, step.at).map_or(String::new(), |generation| format!(" (by {generation})"));
        let text = format!(
            "{}. {}{by} → {}{over}",
            at + 1,
            node_text(org, step.at.node()),
            node_text(org, step.to.node())
        );
        page.hanging(page.palette.strong, 2, 5, &text)?;
        page.hanging(page.palette.dim, 5, 5, &escaped(&format!("{}.", reason.text)))?;
    }
    page.hanging(plain, 2, 4, &escaped(&life_text(world, witness)))
}

/// The names of connectors by position, as text shows them.
pub(super) fn escaped_names(world: &World<'_>, positions: &[u32]) -> Vec<String> {
    let names = world.connector_names(positions);
    names.map(|name| escaped(name.as_str()).into_owned()).collect()
}

fn recipient_phrase(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node) => node_phrase(org, *node),
        Recipient::AddressSpace { space, .. } => format!("addresses that match {}", escaped(space)),
    }
}

fn routers_phrase(org: &Organization, witness: &Witness) -> String {
    let mut nodes: Vec<Node> = witness.circle.iter().map(|router| router.node()).collect();
    nodes.dedup();
    let names: Vec<String> = nodes.iter().map(|node| node_phrase(org, *node)).collect();
    match &names[..] {
        [one] => format!("servers of {one}"),
        several => enumeration(several),
    }
}

/// A class of messages in words, and how many more there are.
fn classes_phrase(all: &[MessageClass], class: usize, also_in: &[usize]) -> String {
    let (hour_matters, more) = classes_in_words(all, class, also_in);
    let class = class_phrase(&all[class], all, hour_matters);
    match more {
        0 => class,
        n => format!("{class}, and {}", counted_as(n, "more class", "more classes")),
    }
}

/// A class of messages in words: what tells it from other classes of the file.
fn class_phrase(class: &MessageClass, all: &[MessageClass], hour_matters: bool) -> String {
    let differs = |of: &dyn Fn(&MessageClass) -> bool| !all.iter().all(of);
    let mut text = "any message".to_owned();
    if differs(&|other| other.message_type == class.message_type) {
        text = match class.message_type {
            MessageType::System => "messages that the system writes".to_owned(),
            MessageType::NonSystem => "messages that people write".to_owned(),
        };
    } else if hour_matters || differs(&|other| other.but_for_the_hour() == class.but_for_the_hour()) {
        text = "messages".to_owned();
    }
    if let Some(size) = class.size.filter(|_| differs(&|other| other.size == class.size)) {
        let bytes = |bytes: u64| SizeLimit::Bytes(bytes);
        text.push_str(&match size.max {
            Some(max) if size.min == 0 => format!(" of at most {}", bytes(max)),
            Some(max) => format!(" of more than {} and at most {}", bytes(size.min - 1), bytes(max)),
            None => format!(" of more than {}", bytes(size.min - 1)),
        });
    }
    if differs(&|other| other.sender == class.sender) {
        text.push_str(&match &class.sender {
            None => " from senders whom no connector names".to_owned(),
            Some(_) => format!(" from {}", escaped(&MessageClassRecord::new(class).sender)),
        });
    }
    if differs(&|other| other.priority == class.priority) {
        let priority = MessageClassRecord::new(class).priority.to_lowercase();
        text.push_str(&format!(" with {priority} priority"));
    }
    if let Some(at) = class.at.filter(|_| hour_matters) {
        text.push_str(&format!(" at hours such as {at}"));
    }
    text
}
