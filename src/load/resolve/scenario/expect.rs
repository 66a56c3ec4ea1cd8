//! What a scenario expects.

use indexmap::{IndexMap, IndexSet};

use super::super::connectors::address;
use super::super::names::Names;
use super::super::place::{Place, Problems};
use super::super::span_of;
use super::Clock;
use super::events::Joined;
use super::known::Known;
use crate::diagnostic::Span;
use crate::load::document::{ExpectationEntry, ScenarioDocument};
use crate::model::{Address, Expectation, GroupIdx, MessageIdx, Name};

/// The expectations in the order of the file, each with the position of its message; without those that are wrong.
pub(super) fn expectations(
    document: &ScenarioDocument,
    ids: &Names<MessageIdx>,
    known: &Known<'_>,
    joined: &Joined,
    clock: Clock,
    problems: &mut Problems,
) -> Vec<(usize, Expectation)> {
    let mut reach = Reach {
        document,
        known,
        joined,
        groups: IndexMap::new(),
        messages: IndexMap::new(),
    };
    let list = Place::top("expect");
    let mut found = Vec::with_capacity(document.expect.len());
    for (position, entry) in document.expect.iter().enumerate() {
        let record = list.item(position, entry.span);
        let message = ids.required(&entry.message, &record, "message", problems);
        let message = message.map(|message| ids.position(message));
        let before = clock.instant(&entry.before, &record, "before", problems);
        let after = clock.instant(&entry.after, &record, "after", problems);
        if before.zip(after).is_some_and(|(before, after)| before <= after) {
            let here = record.field("before", span_of(&entry.before));
            problems.push(
                here.problem("no instant is before this and not before `after`")
                    .label(span_of(&entry.after), "`after` is given here")
                    .help("`before` has to be the later of the two"),
            );
        }
        check_something(entry, &record, problems);
        let queued_at = known.server(&entry.queued_at, &record, "queued_at", problems);
        let recipient = recipient(entry, message, &record, &mut reach, problems);
        found.extend(message.map(|message| {
            let expectation = Expectation {
                // Its index is known when all messages are.
                message: MessageIdx::from_usize(0),
                recipient,
                fate: entry.fate.as_ref().map(|leaf| leaf.value),
                before,
                after,
                copies: entry.copies.as_ref().map(|leaf| leaf.value),
                queued_at,
                span: entry.span,
            };
            (message, expectation)
        }));
    }
    found
}

/// Tells of an expectation that is always met.
fn check_something(entry: &ExpectationEntry, record: &Place<'_>, problems: &mut Problems) {
    let nothing = entry.fate.is_none()
        && entry.before.is_none()
        && entry.after.is_none()
        && entry.copies.is_none()
        && entry.queued_at.is_none();
    if nothing {
        let problem = record.problem("this expects nothing");
        problems.push(problem.help("give at least one of `fate`, `before`, `after`, `copies` and `queued_at`"));
    }
}

fn recipient(
    entry: &ExpectationEntry,
    message: Option<usize>,
    record: &Place<'_>,
    reach: &mut Reach<'_>,
    problems: &mut Problems,
) -> Option<Address> {
    let leaf = entry.recipient.as_ref()?;
    let here = record.field("recipient", leaf.span);
    let recipient = address(leaf, &here, problems)?;
    if let Some(message) = message
        && !reach.reaches(message, &recipient)
    {
        let id = reach.document.messages[message].id.as_ref();
        let id = Name::new(id.map_or("", |id| id.value.as_str()));
        let to = reach.document.messages[message]
            .to
            .first()
            .map_or(Span::NONE, |leaf| leaf.span);
        problems.push(
            here.problem(format!("message \"{id}\" is not for \"{recipient}\""))
                .label(to, "it is for these")
                .help("name one of its recipients, or a member of a group among them"),
        );
    }
    Some(recipient)
}

/// Whom messages can reach. What was found is kept: many expectations ask about one message, many messages go to one group.
struct Reach<'a> {
    document: &'a ScenarioDocument,
    known: &'a Known<'a>,
    joined: &'a Joined,
    groups: IndexMap<GroupIdx, Members<'a>>,
    /// By position: the recipients as the file gives them, and the groups among them.
    messages: IndexMap<usize, (IndexSet<Address>, IndexSet<GroupIdx>)>,
}

/// Who is a member of a group at one time or another.
struct Members<'a> {
    addresses: IndexSet<&'a Address>,
    groups: Vec<GroupIdx>,
}

impl Reach<'_> {
    /// Whether a message can be for an address. True where the groups are not known.
    fn reaches(&mut self, message: usize, recipient: &Address) -> bool {
        if self.known.organization.is_none() {
            return true;
        }
        let (to, groups) = self.messages.entry(message).or_insert_with(|| {
            let to = &self.document.messages[message].to;
            let to: IndexSet<Address> = to.iter().map(|leaf| Address::parse(&leaf.value)).collect();
            let groups = to.iter().filter_map(|address| self.known.group(address)).collect();
            (to, groups)
        });
        if to.contains(recipient) {
            return true;
        }
        // Groups may hold each other in turn: each is asked once.
        let mut asked = groups.clone();
        let mut at = 0;
        while let Some(group) = asked.get_index(at).copied() {
            at += 1;
            let members = self
                .groups
                .entry(group)
                .or_insert_with(|| members(group, self.known, self.joined));
            if members.addresses.contains(recipient) {
                return true;
            }
            asked.extend(members.groups.iter().copied());
        }
        false
    }
}

fn members<'a>(group: GroupIdx, known: &'a Known<'_>, joined: &'a Joined) -> Members<'a> {
    let listed = known
        .organization
        .into_iter()
        .flat_map(|org| &org.groups()[group].members);
    let addresses: IndexSet<&Address> = listed.chain(joined.get(&group).into_iter().flatten()).collect();
    let groups = addresses.iter().filter_map(|address| known.group(address)).collect();
    Members { addresses, groups }
}
