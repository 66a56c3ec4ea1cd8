//! `explain`: one decision, rule by rule.

use bridgehead::delivery::{Answer, Fate, Recipient, answer, next_servers};
use bridgehead::model::{Address, FailureSet, Message, MessageType, Organization, Priority, WeekMinute};
use bridgehead::report::record::ExplainRecord;
use bridgehead::report::{ExplainQuery, Page, rival_of, write_explain};
use bridgehead::route::{Graphs, View};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::input::{Topology, bytes};
use super::messages::Messages;
use super::nodes;
use super::options::OpenDecisions;
use super::output::Output;

/// Why mail goes where it goes: the candidates, what separated them, the rule and its source, and the lines of the file
/// that matter.
#[derive(Args)]
pub(super) struct Explain {
    #[command(flatten)]
    topology: Topology,
    /// Who sends: site:NAME, rg:NAME, server:NAME or a name that only one has.
    #[arg(long, value_name = "N")]
    from: String,
    /// Whom it is for: a node as in --from, or an address (anything with @ or a type such as FAX:). Several: the copies.
    #[arg(long, value_name = "N|ADDRESS", required = true)]
    to: Vec<String>,
    /// Size of the message, such as 12MB; without it the message is smaller than every limit.
    #[arg(long, value_name = "SIZE", value_parser = bytes, help_heading = "Message")]
    size: Option<u64>,
    /// Address of the sender, for connectors that refuse some.
    #[arg(long, value_name = "ADDRESS", help_heading = "Message")]
    sender: Option<String>,
    /// Priority.
    #[arg(
        long,
        value_name = "PRIORITY",
        default_value = "Normal",
        ignore_case = true,
        help_heading = "Message"
    )]
    priority: PriorityArg,
    /// Whether the system wrote it.
    #[arg(
        long,
        value_name = "TYPE",
        default_value = "NonSystem",
        ignore_case = true,
        help_heading = "Message"
    )]
    message_type: MessageTypeArg,
    /// When it is sent, such as "Mon 08:00", for legacy connectors with hours; without it they are taken as open.
    #[arg(long, value_name = "DAY TIME", value_parser = minute, help_heading = "Message")]
    at: Option<WeekMinute>,
    /// What is down: server:NAME, site:NAME, link:NAME or connector:NAME. 2007 and later only find out when they try;
    /// legacy servers believe it.
    #[arg(long, value_name = "KIND:NAME")]
    down: Vec<String>,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One document, `bridgehead.explain/1`.
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum PriorityArg {
    Low,
    Normal,
    High,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum MessageTypeArg {
    System,
    NonSystem,
}

impl Explain {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<(), Failure> {
        let Topology { topology, input } = &self.topology;
        output.spare(topology)?;
        let (source, org) = input.organization(topology, self.open.name_order(), messages)?;
        let sender = nodes::sender(&org, &self.from)?;
        let asked = self.asked(&org)?;
        let down: FailureSet = nodes::failures(&org, &self.down)?;
        let message = self.message();
        let graphs = Graphs::new(&org);
        let view = View::new(&org, &graphs, self.open.options(), &message, &down);
        let answer = answer(&view, sender, &asked);
        let query = ExplainQuery {
            view: &view,
            source: &source,
            sender,
            asked: &asked,
        };
        let palette = output.palette();
        output.write(|out| match self.format {
            Format::Text => write_explain(&query, &answer, &mut Page::new(out, palette)),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, &record(&query, &answer))?;
                writeln!(out)
            }
        })
    }

    fn asked(&self, org: &Organization) -> Result<Vec<Recipient>, Failure> {
        self.to.iter().map(|text| nodes::recipient(org, text)).collect()
    }

    fn message(&self) -> Message {
        Message {
            size: self.size,
            sender: self.sender.as_deref().map(Address::parse),
            priority: match self.priority {
                PriorityArg::Low => Priority::Low,
                PriorityArg::Normal => Priority::Normal,
                PriorityArg::High => Priority::High,
            },
            message_type: match self.message_type {
                MessageTypeArg::System => MessageType::System,
                MessageTypeArg::NonSystem => MessageType::NonSystem,
            },
            at: self.at,
        }
    }
}

/// A minute of the week.
fn minute(text: &str) -> Result<WeekMinute, &'static str> {
    WeekMinute::parse(text).ok_or("it is a day and a time from 00:00 to 23:59, such as \"Mon 08:00\"")
}

fn record<'a>(query: &ExplainQuery<'a>, answer: &Answer) -> ExplainRecord<'a> {
    match &answer.fate {
        Fate::One(explanation) => {
            let rival = rival_of(query, explanation);
            let servers = next_servers(query.view, query.sender, explanation);
            ExplainRecord::one(query.view, explanation)
                .with_servers(query.view.org, &servers)
                .with_runner_up(query.view.org, rival.as_ref())
        }
        Fate::Several(copies) => ExplainRecord::several(query.view.org, &answer.recipients, copies),
    }
}
