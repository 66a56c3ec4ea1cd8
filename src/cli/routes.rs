//! `routes`: next-hop tables.

use bridgehead::model::{FailureSet, Message, Node, Organization, ServerIdx};
use bridgehead::report::{RoutesFormat, RoutesQuery, write_routes};
use bridgehead::route::{Graphs, Sender, View};
use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::input::Topology;
use super::messages::Messages;
use super::nodes;
use super::options::OpenDecisions;
use super::output::Output;
use super::progress::Progress;

/// Where mail goes next, for every pair of routers, and which rule decided it.
#[derive(Args)]
pub(super) struct Routes {
    #[command(flatten)]
    topology: Topology,
    /// Only from this site, routing group or server: site:NAME, rg:NAME, server:NAME or a name that only one has.
    #[arg(long, value_name = "N")]
    from: Vec<String>,
    /// Only to this site or routing group, or to where this server is.
    #[arg(long, value_name = "N")]
    to: Vec<String>,
    /// How the tables are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    open: OpenDecisions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table for each sender.
    Text,
    /// One document, `bridgehead.routes/1`.
    Json,
    /// One record a line.
    Jsonl,
    /// One record a row; cells that begin like a formula get a leading '.
    Csv,
}

impl Routes {
    pub(super) fn run(&self, output: Output, messages: &Messages) -> Result<(), Failure> {
        let Topology { topology, input } = &self.topology;
        output.spare(topology)?;
        let (_, org) = input.organization(topology, self.open.name_order(), messages)?;
        let senders = self.senders(&org)?;
        let to = self.to.iter().map(|text| nodes::router(&org, text));
        let to = to.collect::<Result<Vec<Node>, Failure>>()?;
        let graphs = Graphs::new(&org);
        let (message, down) = (Message::default(), FailureSet::default());
        let view = View::new(&org, &graphs, self.open.options(), &message, &down);
        let format = match self.format {
            Format::Text => RoutesFormat::Text,
            Format::Json => RoutesFormat::Json,
            Format::Jsonl => RoutesFormat::JsonLines,
            Format::Csv => RoutesFormat::Csv,
        };
        let palette = output.palette();
        let named: Vec<ServerIdx> = self.from.iter().filter_map(|text| nodes::server(&org, text)).collect();
        let query = RoutesQuery {
            senders: &senders,
            named: &named,
            to: &to,
        };
        let mut progress = (!output.is_terminal()).then(|| Progress::new(messages));
        output.write(|out| {
            write_routes(&view, query, format, palette, out, &mut |done| {
                if let Some(progress) = &mut progress {
                    progress.tell_left("senders", done, senders.len());
                }
            })
        })
    }

    /// All routers, or those that are asked for: in table order, each once.
    fn senders(&self, org: &Organization) -> Result<Vec<Sender>, Failure> {
        if self.from.is_empty() {
            return Ok(org.routers().filter_map(|node| Sender::node(org, node)).collect());
        }
        let asked = self.from.iter().map(|text| nodes::sender(org, text));
        let mut senders = asked.collect::<Result<Vec<Sender>, Failure>>()?;
        senders.sort_by_key(|sender| (sender.node, sender.server));
        senders.dedup();
        Ok(senders)
    }
}
