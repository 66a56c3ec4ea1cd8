//! Loops that are there only while news of failures is under way, as text.

use std::io;

use super::reasons_under_way;
use super::text::{Told, escaped_names, write_bounds, write_witness};
use crate::model::Node;
use crate::report::text::{Page, enumeration, node_text};
use crate::verify::{Flood, News, Spell, UnderWay, World};

pub(super) fn write_flood(world: &World<'_>, flood: &Flood, page: &mut Page<'_>) -> io::Result<()> {
    if flood.loops.is_empty() && flood.complete() {
        return Ok(());
    }
    page.section("Only while news of a failure, or of its end, is under way")?;
    write_bounds(&flood.reached, 2, page)?;
    if flood.loops.is_empty() {
        return page.paragraph(page.palette.warn, 2, "No loop was found, but not everything was tried.");
    }
    let text = "Legacy groups act on what they have heard so far. Times are those of the documented timers, news crossing all \
                sessions that can carry it. Laps that would carry the news themselves are left out (LS-1.6).";
    page.paragraph(anstyle::Style::new(), 2, text)?;
    for (at, under_way) in flood.loops.iter().enumerate() {
        let told = Told {
            title: format!("Under way {}", at + 1),
            recipients: &flood.recipients,
            classes: &flood.classes,
            when: Some(when(world, under_way)),
            reasons: reasons_under_way(world, flood, under_way),
        };
        write_witness(world, &under_way.witness, &told, page)?;
        page.hanging(anstyle::Style::new(), 2, 4, &acting(world, under_way))?;
    }
    Ok(())
}

/// `When: A to B fails; from 0:13:00 on, as long as that lasts.`
fn when(world: &World<'_>, under_way: &UnderWay) -> String {
    let names = escaped_names(world, &under_way.witness.failed);
    let (fail, they_are) = match names.len() {
        1 => ("fails", "it is"),
        _ => ("fail", "they are"),
    };
    let spells: Vec<String> = under_way
        .spells
        .iter()
        .map(|spell| spell_text(spell, they_are))
        .collect();
    format!("When: {} {fail}; {}.", enumeration(&names), spells.join("; "))
}

fn spell_text(spell: &Spell, they_are: &str) -> String {
    match (spell.news, spell.until) {
        (News::Failure, None) => format!("from {} after that on, as long as {they_are} down", spell.from),
        (News::Failure, Some(until)) => format!("from {} to {until} after that", spell.from),
        (News::End, None) => format!("from {} after the repair on", spell.from),
        (News::End, Some(until)) => format!("from {} to {until} after the repair", spell.from),
    }
}

/// `Who acts on what: A takes A to B to be down, B takes nothing to be down.`
fn acting(world: &World<'_>, under_way: &UnderWay) -> String {
    let groups = under_way.acting.iter().map(|(group, down)| {
        let names = escaped_names(world, down);
        let down = match names.is_empty() {
            true => "nothing".to_owned(),
            false => enumeration(&names),
        };
        format!(
            "{} takes {down} to be down",
            node_text(world.org, Node::RoutingGroup(*group))
        )
    });
    format!("Who acts on what: {}.", groups.collect::<Vec<_>>().join("; "))
}
