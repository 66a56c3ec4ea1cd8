//! Bridgehead says how mail moves through an Exchange organization, why, and what happens when something breaks.
//!
//! ```
//! use bridgehead::diagnostic::Source;
//! use bridgehead::load::{Format, Limits, organization};
//! use bridgehead::model::{FailureSet, Message, NameOrder, Node, NodeKind};
//! use bridgehead::route::{Graphs, Options, Sender, View};
//!
//! let text = r#"(
//!     sites: [(name: "A"), (name: "B"), (name: "C"), (name: "D")],
//!     site_links: [
//!         (name: "A-B", sites: ["A", "B"], cost: 5), (name: "B-D", sites: ["B", "D"], cost: 15),
//!         (name: "A-C", sites: ["A", "C"], cost: 5), (name: "C-D", sites: ["C", "D"], cost: 5),
//!     ],
//! )"#;
//! let source = Source::new("example.ron", text);
//! let org = organization(&source, Format::Ron, &Limits::default(), NameOrder::default()).expect("a valid file");
//! let graphs = Graphs::new(&org);
//! let (message, down) = (Message::default(), FailureSet::default());
//! let view = View::new(&org, &graphs, Options::default(), &message, &down);
//!
//! let site = |name| match org.find(name) {
//!     Ok(NodeKind::Site(site)) => Node::Site(site),
//!     other => panic!("{name}: {other:?}"),
//! };
//! let sender = Sender::node(&org, site("A")).expect("A has a hub");
//! let plan = view.plan(sender, site("D")).expect("A and D are joined");
//! assert_eq!((plan.site_cost, plan.hops()), (10, 2));
//! ```
#![doc = include_str!("ARCHITECTURE.md")]

pub mod delivery;
pub mod diagnostic;
pub mod graph;
pub mod linkstate;
pub mod lint;
pub mod load;
pub mod model;
pub mod report;
pub mod route;
pub mod sim;
pub mod synth;
pub mod verify;
