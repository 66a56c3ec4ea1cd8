//! `verify` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::route::NodeRecord;
use crate::linkstate::AlwaysUp;
use crate::model::{Address, Cost, MessageType, Name, Node, Organization, Priority, SimTime};
use crate::report::verify::{
    EditRecord, Findings, InBetween, Reason, RepairRecord, assumptions, generation_of, reasons_under_way,
    transient_reasons, why_told,
};
use crate::verify::{
    BlackHole, Certainty, Flood, MessageClass, News, Recipient, Repairs, Transient, UnderWay, Verdict, Verification,
    Witness, World, all_reasons, if_exempt_without_alternative, life,
};

/// The value of `format` in [`VerifyRecord`].
pub const VERIFY_FORMAT: &str = "bridgehead.verify/1";

/// `verify`: whether mail can circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerifyRecord<'a> {
    /// `bridgehead.verify/1`.
    pub format: &'static str,
    /// `loop_free`, `loops` or `inconclusive`.
    pub verdict: &'static str,
    /// No bound was reached.
    pub complete: bool,
    /// Most connectors that fail at the same time.
    pub max_failures: usize,
    /// Failure sets that were tried: one for each recipient, class of messages and set.
    pub checked: u64,
    /// What the answer rests on and the file would allow to be otherwise, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// Minimal settled loops.
    pub witnesses: Vec<WitnessRecord<'a>>,
    /// Loops while legacy groups still act on an older organization, if one was given, then those while news of failures is under
    /// way. They leave the verdict as it is.
    pub transient: Vec<TransientRecord<'a>>,
    /// Failures that legacy groups walk into although they have another way. They leave the verdict as it is.
    pub black_holes: Vec<BlackHoleRecord<'a>>,
    /// The answer under the other reading of an open question; absent when it is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_exempt_without_alternative: Option<IfExemptRecord<'a>>,
    /// The lightest changes that clear every loop; absent when there is none, or none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<RepairRecord<'a>>,
}

/// What the answer would be if every connector without an alternative were always up in everybody's eyes
/// (`--exempt-without-alternative`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IfExemptRecord<'a> {
    /// `loop_free` or `inconclusive`.
    pub verdict: &'static str,
    /// Connectors that have to fail for a loop, and to whose end no other way leads from their source.
    pub exempt: Vec<&'a str>,
}

/// A loop that is there while some groups act on an older organization, or on a part of what has failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TransientRecord<'a> {
    /// The loop.
    #[serde(flatten)]
    pub witness: WitnessRecord<'a>,
    /// Who acts on what.
    pub views: ViewsRecord<'a>,
}

/// Who acts on what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ViewsRecord<'a> {
    /// Groups that still act on the older organization.
    pub previous: Vec<NodeRecord<'a>>,
    /// Present where news of failures is under way, and no older organization plays a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<NewsRecord<'a>>,
}

/// Who has heard what, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewsRecord<'a> {
    /// When the loop is there, in order.
    pub spells: Vec<SpellRecord>,
    /// Legacy groups of the loop, with what they act on when it is first there.
    pub acting: Vec<ActingRecord<'a>>,
}

/// From one instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SpellRecord {
    /// What times count from: `failure` (everything in `failed` fails at once) or `end` (everything works again at once).
    pub after: &'static str,
    /// Seconds, by the documented timers.
    pub from: u64,
    /// Seconds; `null`: as long as the failure lasts.
    pub until: Option<u64>,
}

/// What a group takes to be down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActingRecord<'a> {
    /// The group.
    pub at: NodeRecord<'a>,
    /// Connectors by name.
    pub down: Vec<&'a str>,
}

/// A connector that keeps its place on best paths when it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlackHoleRecord<'a> {
    /// The connector.
    pub failed: &'a str,
    /// Why nobody believes it down: `source_in_2007`, `leaf`, `suppressed`, `no_smart_host`, `no_alternative` or `nobody_listens`.
    pub because: &'static str,
    /// Groups whose best path crosses it although they have another.
    pub at: Vec<NodeRecord<'a>>,
    /// Whose mail waits.
    pub recipients: Vec<RecipientRecord<'a>>,
    /// The first class of messages of which this is true.
    pub message_class: MessageClassRecord,
    /// Other such classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<MessageClassRecord>,
}

/// A class of recipients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecipientRecord<'a> {
    /// Anybody at a site.
    Site(&'a str),
    /// Anybody in a legacy routing group.
    RoutingGroup(&'a str),
    /// External addresses whose most specific address space is this.
    AddressSpace(&'a str),
}

/// A class of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageClassRecord {
    /// Sizes; `null` where the file has no limit.
    pub size: Option<SizeRecord>,
    /// An address that a list names, or `other`.
    pub sender: String,
    /// `Low`, `Normal` or `High`.
    pub priority: &'static str,
    /// `System` or `NonSystem`.
    #[serde(rename = "type")]
    pub message_type: &'static str,
    /// The earliest minute of those at which the same connectors with windows are open, such as `Mon 08:00`; absent where no
    /// connector has windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Sizes in bytes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SizeRecord {
    /// Smallest.
    pub min: u64,
    /// Largest; `null`: no largest.
    pub max: Option<u64>,
}

/// A loop, and the least that has to fail for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WitnessRecord<'a> {
    /// Whom the mail is for.
    pub recipient: RecipientRecord<'a>,
    /// The first class of messages that loops so.
    pub message_class: MessageClassRecord,
    /// Other classes with the same loop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<MessageClassRecord>,
    /// Connectors that have failed, by name.
    pub failed: Vec<&'a str>,
    /// The first of `cycle`.
    pub entry: NodeRecord<'a>,
    /// Who holds the message, in order.
    pub cycle: Vec<NodeRecord<'a>>,
    /// `must` or `may`.
    pub certainty: &'static str,
    /// One lap.
    pub steps: Vec<StepRecord<'a>>,
    /// What ends a message that stays in it.
    pub life: LifeRecord<'a>,
    /// What ends it: the one lightest change that makes no other loop, else the changes that clear all.
    pub fix: Vec<EditRecord>,
}

/// One hand-over of a lap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepRecord<'a> {
    /// Who hands over.
    pub at: NodeRecord<'a>,
    /// By which rules, where a site has servers of several generations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<&'static str>,
    /// The routing-group connector that is crossed; `null` between sites and inside one.
    pub connector: Option<&'a str>,
    /// Who takes over.
    pub to: NodeRecord<'a>,
    /// Cost of the connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
    /// What the choice went by.
    pub why: String,
    /// The best of the ways that were not taken, if there is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<RejectedRecord>,
}

/// A way that a router did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RejectedRecord {
    /// Its connectors in order. Where 2007 and later compare connectors to the outside: that connector alone.
    pub way: Vec<String>,
    /// Its cost as the router adds it up.
    pub cost: Cost,
    /// What spoke against it: `believed_down`, `refuses`, `equal`, `dearer`, `less_specific` (address space) or `legacy` (connector).
    pub because: &'static str,
}

/// What ends a message that stays in a loop: every server that handles it adds a Received header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LifeRecord<'a> {
    /// Headers that a lap adds. A range where chance decides which servers take the message.
    pub headers_per_lap: RangeRecord,
    /// Who returns it, for each node of `cycle` at which it may begin. None known where no server has a limit.
    pub ends: Vec<EndRecord<'a>>,
}

/// From the fewest to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RangeRecord {
    /// Fewest.
    pub min: u32,
    /// Most.
    pub max: u32,
}

/// A server that may return a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndRecord<'a> {
    /// Where the message began; laps count from there.
    pub from: NodeRecord<'a>,
    /// In which lap.
    pub lap: RangeRecord,
    /// The server.
    pub server: &'a str,
    /// Headers that it lets through, its own included.
    pub limit: u32,
    /// What it returns the message with.
    pub code: &'static str,
    /// Entry of its event log; `null`: none is known.
    pub event: Option<u16>,
    /// Whether documents say so.
    pub documented: bool,
}

impl<'a> LifeRecord<'a> {
    fn new(world: &World<'a>, witness: &Witness) -> LifeRecord<'a> {
        let range = |(min, max): (u32, u32)| RangeRecord { min, max };
        let life = life(world, witness);
        let by_begin = witness.circle.iter().zip(&life.ends);
        let ends = by_begin.flat_map(|(begin, ends)| {
            ends.iter().map(move |end| EndRecord {
                from: NodeRecord::new(world.org, begin.node()),
                lap: range(end.lap),
                server: world.org.servers()[end.server].name.as_str(),
                limit: end.limit,
                code: end.report.code,
                event: end.report.event,
                documented: end.report.documented,
            })
        });
        LifeRecord {
            headers_per_lap: range(life.headers),
            ends: ends.collect(),
        }
    }
}

impl<'a> VerifyRecord<'a> {
    /// What was found.
    pub fn new(world: &World<'a>, findings: &Findings<'a>) -> VerifyRecord<'a> {
        let Findings {
            verification,
            repairs,
            max_failures,
            between,
            flood,
        } = *findings;
        let previous = between.iter().flat_map(|between| {
            let all = between.skew.transient.iter();
            all.map(move |transient| TransientRecord::new(world, between, transient))
        });
        let news = flood.iter().flat_map(|flood| {
            let all = flood.loops.iter();
            all.map(move |under_way| TransientRecord::of_news(world, flood, under_way))
        });
        let witnesses = verification
            .witnesses
            .iter()
            .zip(all_reasons(world, verification))
            .enumerate();
        let black_holes = verification.black_holes.iter();
        VerifyRecord {
            format: VERIFY_FORMAT,
            verdict: verdict_word(verification.verdict()),
            complete: verification.complete()
                && between.is_none_or(|between| between.skew.complete())
                && flood.is_none_or(|flood| flood.complete()),
            max_failures,
            checked: verification.checked,
            assumptions: assumptions(world.org),
            witnesses: witnesses
                .map(|(at, (witness, reasons))| {
                    let steps = witness.steps.iter().zip(&reasons);
                    let reasons = steps
                        .map(|(step, reason)| why_told(world.org, step.at, reason))
                        .collect();
                    let told_apart = (&verification.recipients[..], &verification.classes[..]);
                    WitnessRecord::new(world, told_apart, witness, reasons, fix(world, repairs, at))
                })
                .collect(),
            transient: previous.chain(news).collect(),
            black_holes: black_holes
                .map(|black_hole| BlackHoleRecord::new(world, verification, black_hole))
                .collect(),
            if_exempt_without_alternative: if_exempt_without_alternative(world, verification).map(|other| {
                let names = other.exempt.into_iter();
                IfExemptRecord {
                    verdict: verdict_word(other.verdict),
                    exempt: names
                        .map(|connector| world.org.connector_name(connector).as_str())
                        .collect(),
                }
            }),
            repair: repairs
                .all
                .as_ref()
                .map(|repair| RepairRecord::new(world.org, world.graphs, world.options, repair)),
        }
    }
}

impl<'a> BlackHoleRecord<'a> {
    fn new(world: &World<'a>, verification: &'a Verification, black_hole: &BlackHole) -> BlackHoleRecord<'a> {
        let org = world.org;
        let believable = world.beliefs.believable();
        let class = |index: &usize| MessageClassRecord::new(&verification.classes[*index]);
        let recipients = black_hole.recipients.iter();
        BlackHoleRecord {
            failed: org.connector_name(believable.connector(black_hole.failed)).as_str(),
            because: always_up_word(believable.always_up(black_hole.failed)),
            at: black_hole
                .at
                .iter()
                .map(|group| NodeRecord::new(org, Node::RoutingGroup(*group)))
                .collect(),
            recipients: recipients
                .map(|index| RecipientRecord::new(org, &verification.recipients[*index]))
                .collect(),
            message_class: class(&black_hole.class),
            also_in: black_hole.also_in.iter().map(class).collect(),
        }
    }
}

/// What keeps a connector up in everybody's eyes; nothing does when its group is stale, or nobody in its island listens.
fn always_up_word(always_up: Option<AlwaysUp>) -> &'static str {
    match always_up {
        Some(AlwaysUp::SourceIn2007) => "source_in_2007",
        Some(AlwaysUp::Leaf(_)) => "leaf",
        Some(AlwaysUp::Suppressed(_)) => "suppressed",
        Some(AlwaysUp::NoSmartHost) => "no_smart_host",
        Some(AlwaysUp::NoAlternative) => "no_alternative",
        None => "nobody_listens",
    }
}

impl<'a> WitnessRecord<'a> {
    /// A witness with what each step went by and what ends it. `recipients` and `classes` are those that it points into.
    fn new(
        world: &World<'a>,
        (recipients, classes): (&'a [Recipient], &'a [MessageClass]),
        witness: &Witness,
        reasons: Vec<Reason>,
        fix: Vec<EditRecord>,
    ) -> WitnessRecord<'a> {
        let org = world.org;
        let class = |index: usize| MessageClassRecord::new(&classes[index]);
        let cycle: Vec<NodeRecord<'_>> = witness
            .circle
            .iter()
            .map(|router| NodeRecord::new(org, router.node()))
            .collect();
        let steps = witness.steps.iter().zip(reasons);
        WitnessRecord {
            recipient: RecipientRecord::new(org, &recipients[witness.recipient]),
            message_class: class(witness.class),
            also_in: witness.also_in.iter().map(|index| class(*index)).collect(),
            failed: world.connector_names(&witness.failed).map(Name::as_str).collect(),
            entry: cycle[0].clone(),
            cycle,
            certainty: match witness.certainty {
                Certainty::Must => "must",
                Certainty::May => "may",
            },
            steps: steps
                .map(|(step, reason)| StepRecord {
                    at: NodeRecord::new(org, step.at.node()),
                    generation: generation_of(org, step.at),
                    connector: step.over.map(|over| org.routing_group_connectors()[over].name.as_str()),
                    to: NodeRecord::new(org, step.to.node()),
                    cost: step.over.map(|over| org.routing_group_connectors()[over].cost),
                    why: reason.text,
                    rejected: reason
                        .rejected
                        .map(|(way, cost, because)| RejectedRecord { way, cost, because }),
                })
                .collect(),
            life: LifeRecord::new(world, witness),
            fix,
        }
    }
}

impl<'a> TransientRecord<'a> {
    fn new(world: &World<'a>, between: &InBetween<'a>, transient: &Transient) -> TransientRecord<'a> {
        let skew = between.skew;
        let reasons = transient_reasons(world, between, transient);
        let unaware = transient.unaware.iter();
        TransientRecord {
            witness: WitnessRecord::new(
                world,
                (&skew.recipients, &skew.classes),
                &transient.witness,
                reasons,
                // It ends by itself; which change would spare it is a question of the order of changes.
                Vec::new(),
            ),
            views: ViewsRecord {
                previous: unaware
                    .map(|group| NodeRecord::new(world.org, Node::RoutingGroup(*group)))
                    .collect(),
                news: None,
            },
        }
    }

    fn of_news(world: &World<'a>, flood: &'a Flood, under_way: &UnderWay) -> TransientRecord<'a> {
        let seconds = |at: SimTime| at.ms() / 1000;
        let spells = under_way.spells.iter().map(|spell| SpellRecord {
            after: match spell.news {
                News::Failure => "failure",
                News::End => "end",
            },
            from: seconds(spell.from),
            until: spell.until.map(seconds),
        });
        let acting = under_way.acting.iter().map(|(group, down)| ActingRecord {
            at: NodeRecord::new(world.org, Node::RoutingGroup(*group)),
            down: world.connector_names(down).map(Name::as_str).collect(),
        });
        TransientRecord {
            witness: WitnessRecord::new(
                world,
                (&flood.recipients, &flood.classes),
                &under_way.witness,
                reasons_under_way(world, flood, under_way),
                Vec::new(),
            ),
            views: ViewsRecord {
                previous: Vec::new(),
                news: Some(NewsRecord {
                    spells: spells.collect(),
                    acting: acting.collect(),
                }),
            },
        }
    }
}

fn fix(world: &World<'_>, repairs: &Repairs, witness: usize) -> Vec<EditRecord> {
    let alone = repairs.single.get(witness).and_then(Option::as_ref);
    let edits = match (alone, &repairs.all) {
        (Some(edit), _) => std::slice::from_ref(edit),
        (None, Some(repair)) => &repair.edits,
        (None, None) => &[],
    };
    edits.iter().map(|edit| EditRecord::new(world.org, edit)).collect()
}

impl<'a> RecipientRecord<'a> {
    /// A class of recipients by name.
    pub fn new(org: &'a Organization, recipient: &'a Recipient) -> RecipientRecord<'a> {
        match recipient {
            Recipient::Node(node @ Node::Site(_)) => RecipientRecord::Site(org.node_name(*node).as_str()),
            Recipient::Node(node @ Node::RoutingGroup(_)) => {
                RecipientRecord::RoutingGroup(org.node_name(*node).as_str())
            }
            Recipient::AddressSpace { space, .. } => RecipientRecord::AddressSpace(space),
        }
    }
}

impl MessageClassRecord {
    /// A class of messages.
    pub fn new(class: &MessageClass) -> MessageClassRecord {
        MessageClassRecord {
            size: class.size.map(|size| SizeRecord {
                min: size.min,
                max: size.max,
            }),
            sender: class.sender.as_ref().map_or("other".to_owned(), address_text),
            priority: match class.priority {
                Priority::Low => "Low",
                Priority::Normal => "Normal",
                Priority::High => "High",
            },
            message_type: match class.message_type {
                MessageType::System => "System",
                MessageType::NonSystem => "NonSystem",
            },
            at: class.at.map(|at| at.to_string()),
        }
    }
}

/// An address as files write it: SMTP without its type.
fn address_text(address: &Address) -> String {
    if address.is_smtp() {
        address.value().to_string()
    } else {
        format!("{}:{}", address.kind(), address.value())
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::LoopFree => "loop_free",
        Verdict::Loops => "loops",
        Verdict::Inconclusive => "inconclusive",
    }
}
