//! Loop by loop, on 80 columns.

use std::io;

use super::fix::RepairRecord;
use super::{Findings, generation_of, why_text};
use crate::linkstate::AlwaysUp;
use crate::model::{Node, Organization};
use crate::report::escape::escaped;
use crate::report::record::{MessageClassRecord, failed_names};
use crate::report::text::{Page, counted, enumeration, node_phrase, node_text};
use crate::verify::{
    Certainty, Edit, MessageClass, Recipient, Repairs, Verdict, Verification, Witness, World, phrase, why,
};

pub(super) fn write(world: &World<'_>, findings: Findings<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let Findings {
        verification,
        repairs,
        max_failures,
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
    if !verification.complete {
        let text = "A bound was reached, and what lies beyond it is not known. Raise --max-checks.";
        page.paragraph(page.palette.warn, 0, text)?;
    }
    for (at, witness) in verification.witnesses.iter().enumerate() {
        page.blank()?;
        let title = format!(
            "Loop {}: mail for {} circles between {}",
            at + 1,
            recipient_phrase(world.org, &verification.recipients[witness.recipient]),
            routers_phrase(world.org, witness)
        );
        page.paragraph(page.palette.strong, 0, &title)?;
        write_witness(world, verification, witness, page)?;
    }
    if !verification.witnesses.is_empty() {
        write_repair(world, repairs, page)?;
    }
    write_black_holes(world, verification, page)
}

fn write_repair(world: &World<'_>, repairs: &Repairs, page: &mut Page<'_>) -> io::Result<()> {
    let plain = anstyle::Style::new();
    let Some(repair) = &repairs.all else {
        page.section("What would end it")?;
        let text = match repairs.complete {
            true => {
                "No one or two changes that were tried clear every loop, nor does suppression on all legacy servers."
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
        let text = "The vendor recommends SuppressStateChanges on every legacy server (R39, R40), each with a restart \
                    of its SMTP, routing engine and MTA services.";
        page.paragraph(page.palette.dim, 2, text)?;
    }
    Ok(())
}

/// Black holes that text lists; a suppressed organization has as many as it has connectors.
const BLACK_HOLES_SHOWN: usize = 10;

fn write_black_holes(world: &World<'_>, verification: &Verification, page: &mut Page<'_>) -> io::Result<()> {
    let all = &verification.black_holes;
    if all.is_empty() {
        return Ok(());
    }
    let org = world.org;
    let believable = world.beliefs.believable();
    page.section("Where mail would wait although there is another way")?;
    for black_hole in all.iter().take(BLACK_HOLES_SHOWN) {
        let groups: Vec<String> = black_hole
            .at
            .iter()
            .map(|group| escaped(org.node_name(Node::RoutingGroup(*group)).as_str()).into_owned())
            .collect();
        let because = match believable.always_up(black_hole.failed) {
            Some(AlwaysUp::SourceIn2007) => "it starts in the 2007 group, which reports nothing (R34)",
            Some(AlwaysUp::Leaf(_)) => "it leads to or from a leaf group, whose connectors stay up (event 994)",
            Some(AlwaysUp::Suppressed(_)) => "a source server suppresses state changes (R39)",
            Some(AlwaysUp::NoSmartHost) => "it has no smart host whose silence would mean anything",
            Some(AlwaysUp::NoAlternative) => "its ends are not joined without it",
            None => "its group is stale, or nobody in its island listens",
        };
        let text = format!(
            "If {} fails: mail of {} for {}, because {because}.",
            escaped(org.connector_name(believable.connector(black_hole.failed)).as_str()),
            enumeration(&groups),
            counted(black_hole.recipients.len(), "recipient"),
        );
        page.hanging(anstyle::Style::new(), 2, 4, &text)?;
    }
    if all.len() > BLACK_HOLES_SHOWN {
        let more = format!("and {} more, which --format json lists.", all.len() - BLACK_HOLES_SHOWN);
        page.paragraph(page.palette.dim, 2, &more)?;
    }
    Ok(())
}

fn loop_free(max_failures: usize) -> String {
    match max_failures {
        0 => "No mail can circle while nothing fails.".to_owned(),
        1 => "No mail can circle, whichever connector fails.".to_owned(),
        most => format!("No mail can circle, whichever {most} connectors fail."),
    }
}

/// What was tried.
fn effort(verification: &Verification) -> String {
    let classes = match verification.classes.len() {
        1 => "1 class of messages".to_owned(),
        n => format!("{n} classes of messages"),
    };
    format!(
        "{}, {classes}; {} tried, {}.",
        counted(verification.recipients.len(), "recipient"),
        counted(
            usize::try_from(verification.checked).unwrap_or(usize::MAX),
            "failure set"
        ),
        counted(
            usize::try_from(verification.path_computations).unwrap_or(usize::MAX),
            "path computation"
        ),
    )
}

fn write_witness(
    world: &World<'_>,
    verification: &Verification,
    witness: &Witness,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let org = world.org;
    let plain = anstyle::Style::new();
    let failed = failed_names(world, witness);
    let names: Vec<String> = failed.iter().map(|name| escaped(name).into_owned()).collect();
    let when = match names.len() {
        0 => "with nothing failed".to_owned(),
        1 => format!("as soon as {} fails", names[0]),
        _ => format!("as soon as {} fail", enumeration(&names)),
    };
    let certainty = match witness.certainty {
        Certainty::Must => "every choice circles",
        Certainty::May => "if servers choose so among equally good ways, or if mail starts there",
    };
    page.hanging(plain, 2, 2, &format!("When: {when}; {certainty}."))?;
    let classes = class_phrase(&verification.classes[witness.class], verification.classes.len());
    let more = match witness.also_in.len() {
        0 => String::new(),
        n => format!(", and {n} more classes"),
    };
    page.hanging(plain, 2, 2, &format!("Which mail: {classes}{more}."))?;
    let reasons = why(world, verification, witness);
    for (at, (step, reason)) in witness.steps.iter().zip(&reasons).enumerate() {
        let over = step.over.map_or(String::new(), |over| {
            format!(" over {}", escaped(org.routing_group_connectors()[over].name.as_str()))
        });
        let by = generation_of(org, step.at).map_or(String::new(), |generation| format!(" (by {generation})"));
        let text = format!(
            "{}. {}{by} → {}{over}",
            at + 1,
            node_text(org, step.at.node()),
            node_text(org, step.to.node())
        );
        page.hanging(page.palette.strong, 2, 5, &text)?;
        let reason = format!("{}.", why_text(org, step.at, reason));
        page.hanging(page.palette.dim, 5, 5, &escaped(&reason))?;
    }
    Ok(())
}

fn recipient_phrase(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(node) => node_phrase(org, *node),
        Recipient::AddressSpace { space, .. } => format!("addresses in {}", escaped(space)),
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

/// A class of messages in words; `of` classes are there.
fn class_phrase(class: &MessageClass, of: usize) -> String {
    if of == 1 {
        return "any message".to_owned();
    }
    let record = MessageClassRecord::new(class);
    let size = match class.size {
        None => String::new(),
        Some(size) => match size.max {
            Some(max) if size.min == 0 => format!(" of at most {max} bytes"),
            Some(max) => format!(" of {} to {max} bytes", size.min),
            None => format!(" of {} bytes and more", size.min),
        },
    };
    let sender = match &class.sender {
        None => "from whom no list names".to_owned(),
        Some(_) => format!("from {}", escaped(&record.sender)),
    };
    format!(
        "a {} {} message{size} {sender}",
        record.priority.to_lowercase(),
        if record.message_type == "System" {
            "system"
        } else {
            "ordinary"
        }
    )
}
