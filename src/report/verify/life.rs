//! What ends a message that stays in a loop, as text. Names stand as they are in the file.

use crate::report::text::{enumeration, node_text};
use crate::verify::{End, Witness, World, life};

/// `How it ends: a lap adds 2 Received headers. Mail that begins at X is returned in lap 16 by HUB1 (limit 30; 5.4.6, unverified).`
pub(super) fn life_text(world: &World<'_>, witness: &Witness) -> String {
    let life = life(world, witness);
    let (fewest, most) = life.headers;
    let headers = match (fewest, most) {
        (1, 1) => "1 Received header".to_owned(),
        _ => format!("{} Received headers", range(fewest, most)),
    };
    // Each ending once, with all routers that mail comes to it from.
    let mut endings: Vec<(String, Vec<String>)> = Vec::new();
    for (begin, ends) in witness.circle.iter().zip(&life.ends) {
        let ending: Vec<String> = ends.iter().map(|end| end_text(world, end)).collect();
        let ending = ending.join(" or ");
        let begin = node_text(world.org, begin.node());
        match endings.iter_mut().find(|(known, _)| *known == ending) {
            Some((_, begins)) if begins.contains(&begin) => {}
            Some((_, begins)) => begins.push(begin),
            None => endings.push((ending, vec![begin])),
        }
    }
    let endings = endings.iter().map(|(ending, begins)| match ending.is_empty() {
        true => "Nothing is known to end it.".to_owned(),
        false => format!("Mail that begins at {} is returned {ending}.", enumeration(begins)),
    });
    let endings: Vec<String> = endings.collect();
    format!("How it ends: a lap adds {headers}. {}", endings.join(" "))
}

fn end_text(world: &World<'_>, end: &End) -> String {
    let event = end
        .report
        .event
        .map_or(String::new(), |event| format!(", event {event}"));
    let doubt = if end.report.documented { "" } else { ", unverified" };
    format!(
        "in lap {} by {} (limit {}; {}{event}{doubt})",
        range(end.lap.0, end.lap.1),
        world.org.servers()[end.server].name,
        end.limit,
        end.report.code,
    )
}

fn range(least: u32, most: u32) -> String {
    match least == most {
        true => least.to_string(),
        false => format!("{least} to {most}"),
    }
}
