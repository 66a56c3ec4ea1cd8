//! The checker: holds a certificate against an organization.
//!
//! It imports the model and the format of certificates, and nothing else of this crate (`tests/it/tidy.rs` sees to it). What
//! every router decides is written a second time here, from the public documents, in another shape: nothing is searched.
//!
//! * `ground`, `beliefs`: who may hold mail, what carries it, who acts on which failure;
//! * `coverage`: for whom and for which messages something has to be claimed;
//! * `distances`: claimed distances, held against every link and connector;
//! * `decide`: what 2007 and later servers do; `exits`: among which ways out legacy groups choose;
//! * `claim`: what a set of failures comes to, and which sets have to be listed.

mod beliefs;
mod claim;
mod coverage;
mod decide;
mod distances;
mod exits;
mod ground;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::claim::Bench;
use self::coverage::{Kind, Kinds, Recipient, Spaces};
use self::decide::Target;
use self::distances::Distances;
use self::exits::{fitting, lets_through};
use self::ground::Ground;
use super::format::{CERTIFICATE_FORMAT, Certificate, Checked, Claim, Decisions, Flaw};
use crate::diagnostic::shortened;
use crate::model::{Message, Organization};

/// A message of the certificate, with what depends on it alone.
struct Post {
    message: Message,
    kind: Kind,
    /// By arc: whether legacy servers let it through.
    open: Vec<bool>,
}

/// Holds `certificate` against `org` under `decisions`. O(certificate × connectors of a group), and, for each claim about
/// addresses and each site where its mail may be held, the connectors that fit them.
pub(super) fn check(org: &Organization, decisions: Decisions, certificate: &Certificate) -> Checked {
    let mut checked = Checked::default();
    if certificate.format != CERTIFICATE_FORMAT {
        let format = shortened(&certificate.format);
        let message = format!("the format is `{format}`, not `{CERTIFICATE_FORMAT}`");
        checked.flaws.push(whole(message));
        return checked;
    }
    if certificate.decisions != decisions {
        let message = "it rests on other open decisions than those that were asked for".to_owned();
        checked.flaws.push(whole(message));
        return checked;
    }
    let ground = Ground::new(org, decisions);
    let flaws = &mut checked.flaws;
    let distances = Distances::new(&ground, &certificate.sites, &certificate.groups, &mut |message| {
        flaws.push(whole(message));
    });
    let mut kinds = Kinds::new(&ground);
    let letters = certificate.messages.iter().map(coverage::message);
    let mut posts: Vec<Option<Post>> = Vec::with_capacity(letters.len());
    for letter in letters {
        posts.push(match letter {
            Ok(message) => Some(post(&ground, &mut kinds, message)),
            Err(message) => {
                checked.flaws.push(whole(message));
                None
            }
        });
    }
    let spaces = Spaces::new(org);
    let anchors = ground.anchors();
    let mut covered: BTreeMap<Recipient, BTreeSet<Kind>> = BTreeMap::new();
    let mut once = BTreeSet::new();
    for claim in &certificate.claims {
        let flaw = |message: &str| of_claim(claim, message.to_owned());
        let Some((recipient, address)) = spaces.recipient(&claim.recipient) else {
            checked.flaws.push(flaw("there is no such recipient"));
            continue;
        };
        let post = match posts.get(claim.message) {
            Some(Some(post)) => post,
            // What is wrong with the message has been said, and nothing counts as claimed of it.
            Some(None) => continue,
            None => {
                checked.flaws.push(flaw("there is no such message"));
                continue;
            }
        };
        if !once.insert((claim.recipient.to_string(), claim.message)) {
            checked.flaws.push(flaw("this is claimed twice"));
        }
        covered.entry(recipient.clone()).or_default().insert(post.kind);
        let target = match (&recipient, address) {
            (Recipient::Node(node), _) => Target::Node(*node),
            (Recipient::Outside(_), address) => {
                Target::Outside(address.map_or(Vec::new(), |address| fitting(&ground, &address)))
            }
        };
        match Bench::new(&ground, &distances, post, &target, claim) {
            Ok(bench) => bench.run(certificate.max_failures, &anchors, &mut checked),
            Err(message) => checked.flaws.push(flaw(&message)),
        }
    }
    if !anchors.is_empty() {
        checked.flaws.extend(missing(&spaces, &mut kinds, &covered));
    }
    checked
}

fn post(ground: &Ground<'_>, kinds: &mut Kinds<'_>, message: Message) -> Post {
    let between = ground.org.routing_group_connectors();
    let open = ground
        .arcs
        .iter()
        .map(|arc| message.passes(&between[arc.index].restrictions) && lets_through(&message, arc.limit));
    Post {
        open: open.collect(),
        kind: kinds.of(&message),
        message,
    }
}

/// Recipients and kinds of messages that should be claimed and are not.
fn missing(spaces: &Spaces<'_>, kinds: &mut Kinds<'_>, covered: &BTreeMap<Recipient, BTreeSet<Kind>>) -> Vec<Flaw> {
    let needed = kinds.needed();
    let mut flaws = Vec::new();
    for (recipient, name) in spaces.needed(&covered.keys().cloned().collect()) {
        let nothing = BTreeSet::new();
        let claimed = covered.get(&recipient).unwrap_or(&nothing);
        let left = needed.difference(claimed).count();
        if left > 0 {
            flaws.push(Flaw {
                recipient: Some(name),
                failed: Vec::new(),
                message: match left {
                    1 => "nothing is claimed for one kind of message".to_owned(),
                    _ => format!("nothing is claimed for {left} kinds of messages"),
                },
            });
        }
    }
    flaws
}

fn whole(message: String) -> Flaw {
    Flaw {
        recipient: None,
        failed: Vec::new(),
        message,
    }
}

fn of_claim(claim: &Claim, message: String) -> Flaw {
    Flaw {
        recipient: Some(claim.recipient.to_string()),
        failed: Vec::new(),
        message,
    }
}
