//! Organizations from text, and questions to them: text in, the contract's JSON out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bridgehead::delivery::{Fate, Recipient, answer, explain, next_servers};
use bridgehead::load::{self, Format, Limits};
use bridgehead::model::{
    Address, FailureSet, Message, MessageType, NameOrder, Node, NodeKind, Organization, Priority, WeekMinute,
    parse_size,
};
use bridgehead::report::record::{ExplainRecord, ROUTES_FORMAT, RouteRecord, Routes};
use bridgehead::route::{Graphs, Options, Sender, View};
use bridgehead::synth::{self, Shape};
use serde_json::Value;

/// An organization with its graphs.
pub(crate) struct Case {
    pub(crate) org: Organization,
    pub(crate) graphs: Graphs,
}

/// The folder that a path of this repository starts at.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The organization that `generate` makes up.
pub(crate) fn generated(shape: Shape, sites: u32, seed: u64) -> Organization {
    let document = synth::generate(synth::Options { shape, sites, seed }).expect("within the limits");
    load::resolve(&document, NameOrder::default()).expect("generated organizations have no problems")
}

/// An organization from the fields of a topology file, without the parentheses around them.
pub(crate) fn org(fields: &str) -> Case {
    org_ordered(fields, NameOrder::default())
}

/// The same with another order of names.
pub(crate) fn org_ordered(fields: &str, order: NameOrder) -> Case {
    let text = format!("(\n{fields}\n)");
    let source = load::decode("inline", text.into_bytes(), &Limits::default()).expect("text");
    let document = load::read(&source, Format::Ron, &Limits::default())
        .unwrap_or_else(|problems| panic!("{problems:#?} in {}", source.text));
    let org = load::resolve(&document, order).unwrap_or_else(|problems| panic!("{problems:#?} in {}", source.text));
    Case::new(org)
}

/// A topology file below `topologies/`.
pub(crate) fn topology(path: &str) -> Case {
    let path: PathBuf = root().join("topologies").join(path);
    let (_, document) = load::open(&path, None, &Limits::default()).unwrap_or_else(|rejected| panic!("{rejected:#?}"));
    let org = load::resolve(&document, NameOrder::default())
        .unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()));
    Case::new(org)
}

/// A plain site graph in the notation of the worked examples: `A-B 5, B-C 10, hub(B)`. Sites that only `site(X)` names
/// have no link.
pub(crate) fn graph(drawing: &str) -> Case {
    org(&graph_fields(drawing))
}

/// The fields `sites` and `site_links` of such a drawing.
pub(crate) fn graph_fields(drawing: &str) -> String {
    let mut sites: Vec<&str> = Vec::new();
    let mut hubs: Vec<&str> = Vec::new();
    let mut links = String::new();
    fn note<'t>(list: &mut Vec<&'t str>, name: &'t str) {
        if !list.contains(&name) {
            list.push(name);
        }
    }
    for part in drawing.split(',').map(str::trim) {
        if let Some(hub) = part.strip_prefix("hub(") {
            note(&mut hubs, hub.trim_end_matches(')'));
            continue;
        }
        if let Some(site) = part.strip_prefix("site(") {
            note(&mut sites, site.trim_end_matches(')'));
            continue;
        }
        let (ends, cost) = part.split_once(' ').expect("a link is `A-B 5`");
        let (a, b) = ends.split_once('-').expect("a link is `A-B 5`");
        note(&mut sites, a);
        note(&mut sites, b);
        writeln!(links, "(name: \"{ends}\", sites: [\"{a}\", \"{b}\"], cost: {cost}),").expect("text grows");
    }
    let mut fields = String::from("sites: [");
    for site in sites {
        write!(fields, "(name: \"{site}\", hub_site: {}), ", hubs.contains(&site)).expect("text grows");
    }
    write!(fields, "],\nsite_links: [{links}],").expect("text grows");
    fields
}

/// The field `servers` from `A1=2007Sp1@A, BH=2003@rg:L, EDGE=2010Sp3+EdgeTransport`.
pub(crate) fn servers(list: &str) -> String {
    format!("servers: [{}],", server_entries(list))
}

fn server_entries(list: &str) -> String {
    let mut entries = String::new();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, rest) = part.split_once('=').expect("a server is `NAME=VERSION@SITE`");
        let (version, place) = rest.split_once('@').unwrap_or((rest, ""));
        let (version, roles) = version.split_once('+').unwrap_or((version, ""));
        write!(entries, "(name: \"{name}\", version: Exchange{version}, ").expect("text grows");
        if !roles.is_empty() {
            write!(entries, "roles: [{}], ", roles.replace('+', ", ")).expect("text grows");
        }
        match place.strip_prefix("rg:") {
            Some(group) => write!(entries, "routing_group: \"{group}\"").expect("text grows"),
            None if place.is_empty() => {}
            None => write!(entries, "site: \"{place}\"").expect("text grows"),
        }
        entries.push_str("), ");
    }
    entries
}

/// Sites, servers and routing groups beside each other. A routing-group connector is `E-L 5 A1`, `E` being the 2007 group:
/// its name, its cost and its bridgehead on the 2007 side; after a `+` come further fields. Every legacy group gets a server
/// `BH-<group>`. `more` holds other collections.
pub(crate) fn coexistence(drawing: &str, servers: &str, connectors: &[&str], more: &str) -> Case {
    let mut groups: Vec<&str> = Vec::new();
    let mut entries = String::new();
    for connector in connectors {
        let (main, fields) = connector.split_once('+').unwrap_or((connector, ""));
        let mut words = main.split_whitespace();
        let name = words.next().expect("a connector is `E-L 5 A1`");
        let cost = words.next().expect("a connector is `E-L 5 A1`");
        // `E-L/2` is a second connector between the same groups.
        let (from, to) = name
            .split('/')
            .next()
            .and_then(|ends| ends.split_once('-'))
            .expect("two groups");
        for group in [from, to].into_iter().filter(|group| *group != "E") {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let group = |name| if name == "E" { "DWBGZMFD01QNBJR" } else { name };
        write!(
            entries,
            "(name: \"{name}\", from: \"{}\", to: \"{}\", cost: {cost}, ",
            group(from),
            group(to)
        )
        .expect("text grows");
        if let Some(server) = words.next() {
            let side = if from == "E" {
                "source_servers"
            } else {
                "target_servers"
            };
            write!(entries, "{side}: [\"{server}\"], ").expect("text grows");
        }
        write!(entries, "{}), ", fields.trim()).expect("text grows");
    }
    let names: String = groups.iter().map(|group| format!("(name: \"{group}\"), ")).collect();
    let bridgeheads: String = groups
        .iter()
        .map(|group| format!("BH-{group}=2003@rg:{group}, "))
        .collect();
    org(&format!(
        "{}\nservers: [{}{}],\nrouting_groups: [{names}],\nrouting_group_connectors: [{entries}],\n{more}",
        graph_fields(drawing),
        server_entries(servers),
        server_entries(&bridgeheads),
    ))
}

impl Case {
    pub(crate) fn new(org: Organization) -> Case {
        Case {
            graphs: Graphs::new(&org),
            org,
        }
    }

    /// A question from a node; `server:NAME` asks as that server.
    pub(crate) fn from(&self, from: &str) -> Ask<'_> {
        Ask {
            case: self,
            from: from.to_owned(),
            to: Vec::new(),
            message: Message::default(),
            down: FailureSet::default(),
            options: Options::default(),
        }
    }

    /// Who sends from a node.
    pub(crate) fn sender(&self, from: &str) -> Sender {
        let node = self.org.find(from).unwrap_or_else(|error| panic!("{from}: {error:?}"));
        let sender = match node {
            NodeKind::Site(site) => Sender::node(&self.org, Node::Site(site)),
            NodeKind::RoutingGroup(group) => Sender::node(&self.org, Node::RoutingGroup(group)),
            NodeKind::Server(server) => Sender::server(&self.org, server),
        };
        sender.unwrap_or_else(|| panic!("{from} sends nothing"))
    }

    /// Who is asked for: a node, or an address where there is an `@` or a type.
    pub(crate) fn recipient(&self, to: &str) -> Recipient {
        let node_prefix = ["site:", "rg:", "server:"].iter().any(|kind| to.starts_with(kind));
        if !node_prefix && to.contains(['@', ':']) {
            return Recipient::Address(Address::parse(to));
        }
        Recipient::Node(self.org.find(to).unwrap_or_else(|error| panic!("{to}: {error:?}")))
    }

    /// The `routes` document of the whole organization.
    pub(crate) fn routes_json(&self) -> String {
        let message = Message::default();
        let down = FailureSet::default();
        let view = View::new(&self.org, &self.graphs, Options::default(), &message, &down);
        let mut routes = Vec::new();
        for from in self.org.routers() {
            let sender = Sender::node(&self.org, from).expect("a router sends");
            for (to, plan) in view.table(sender) {
                routes.push(RouteRecord::new(&self.org, from, to, plan.as_ref()));
            }
        }
        let routes = Routes {
            format: ROUTES_FORMAT,
            routes,
        };
        serde_json::to_string_pretty(&routes).expect("records are JSON")
    }
}

/// A question: `case.from("A").to("D").size("6MB").answer()`.
pub(crate) struct Ask<'c> {
    case: &'c Case,
    from: String,
    to: Vec<String>,
    message: Message,
    down: FailureSet,
    options: Options,
}

impl Ask<'_> {
    pub(crate) fn to(mut self, to: &str) -> Self {
        self.to.push(to.to_owned());
        self
    }

    pub(crate) fn size(mut self, size: &str) -> Self {
        self.message.size = match parse_size(size).expect("a size") {
            bridgehead::model::SizeLimit::Bytes(bytes) => Some(bytes),
            bridgehead::model::SizeLimit::Unlimited => None,
        };
        self
    }

    pub(crate) fn sender(mut self, address: &str) -> Self {
        self.message.sender = Some(Address::parse(address));
        self
    }

    pub(crate) fn priority(mut self, priority: Priority) -> Self {
        self.message.priority = priority;
        self
    }

    /// Sent in that minute of the week.
    pub(crate) fn at(mut self, minute: &str) -> Self {
        self.message.at = Some(WeekMinute::parse(minute).expect("a minute"));
        self
    }

    pub(crate) fn message_type(mut self, message_type: MessageType) -> Self {
        self.message.message_type = message_type;
        self
    }

    pub(crate) fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// `server:NAME`, `site:NAME`, `link:NAME` or `connector:NAME`.
    pub(crate) fn down(mut self, what: &str) -> Self {
        let org = &self.case.org;
        let (kind, name) = what.split_once(':').expect("KIND:NAME");
        match kind {
            "link" => {
                let found = org
                    .site_links()
                    .iter_enumerated()
                    .find(|(_, link)| link.name.as_str() == name);
                self.down.site_links.push(found.expect("a link").0);
            }
            "connector" => {
                let of_groups = org
                    .routing_group_connectors()
                    .iter_enumerated()
                    .find(|(_, c)| c.name.as_str() == name);
                let outward = org
                    .connectors()
                    .iter_enumerated()
                    .find(|(_, c)| c.name.as_str() == name);
                self.down
                    .routing_group_connectors
                    .extend(of_groups.map(|(index, _)| index));
                self.down.connectors.extend(outward.map(|(index, _)| index));
                assert!(of_groups.is_some() || outward.is_some(), "no connector {name}");
            }
            _ => match org.find(what).unwrap_or_else(|error| panic!("{what}: {error:?}")) {
                NodeKind::Site(site) => self.down.sites.push(site),
                NodeKind::Server(server) => self.down.servers.push(server),
                NodeKind::RoutingGroup(_) => panic!("a routing group is not down as such"),
            },
        }
        self
    }

    /// The servers that the sender connects to next (RT-2.10).
    pub(crate) fn servers(self) -> Vec<String> {
        let case = self.case;
        let view = View::new(&case.org, &case.graphs, self.options, &self.message, &self.down);
        let sender = case.sender(&self.from);
        let explanation = explain(&view, sender, &case.recipient(&self.to[0]));
        let servers = next_servers(&view, sender, &explanation).into_iter();
        servers
            .map(|server| case.org.servers()[server].name.to_string())
            .collect()
    }

    pub(crate) fn answer(self) -> Answer {
        let case = self.case;
        let view = View::new(&case.org, &case.graphs, self.options, &self.message, &self.down);
        let sender = case.sender(&self.from);
        let asked: Vec<Recipient> = self.to.iter().map(|to| case.recipient(to)).collect();
        let answer = answer(&view, sender, &asked);
        let record = match &answer.fate {
            Fate::One(explanation) => ExplainRecord::one(&view, explanation),
            Fate::Several(copies) => ExplainRecord::several(&case.org, &answer.recipients, copies),
        };
        Answer {
            json: serde_json::to_value(&record).expect("records are JSON"),
        }
    }
}

/// An answer, read from the contract's JSON. Routing groups are written `rg:NAME`, sites by their bare name.
pub(crate) struct Answer {
    pub(crate) json: Value,
}

fn node_text(node: &Value) -> String {
    let text = |kind: &str| node.get(kind).and_then(Value::as_str);
    match (text("site"), text("routing_group"), text("connector")) {
        (Some(site), _, _) => site.to_owned(),
        (_, Some(group), _) => format!("rg:{group}"),
        (_, _, Some(connector)) => format!("connector:{connector}"),
        _ => panic!("no node: {node}"),
    }
}

fn nodes_text(nodes: &Value, between: &str) -> String {
    let nodes = nodes.as_array().unwrap_or_else(|| panic!("no list: {nodes}"));
    nodes.iter().map(node_text).collect::<Vec<_>>().join(between)
}

impl Answer {
    fn text(&self, field: &str) -> &str {
        self.json.get(field).and_then(Value::as_str).unwrap_or("")
    }

    fn route(&self) -> &Value {
        self.json
            .get("route")
            .unwrap_or_else(|| panic!("no route: {}", self.json))
    }

    pub(crate) fn outcome(&self) -> &str {
        self.text("outcome")
    }

    pub(crate) fn code(&self) -> &str {
        self.text("code")
    }

    pub(crate) fn connector(&self) -> &str {
        self.text("connector")
    }

    /// What decided: between connectors where one was chosen, otherwise between paths.
    pub(crate) fn decided_by(&self) -> &str {
        self.text("decided_by")
    }

    pub(crate) fn has_route(&self) -> bool {
        self.json.get("route").is_some()
    }

    /// `A > C > D`
    pub(crate) fn path(&self) -> String {
        nodes_text(&self.route()["path"], " > ")
    }

    /// `A-C, C-D`
    pub(crate) fn links(&self) -> String {
        let links = self.route()["links"].as_array().expect("links");
        links
            .iter()
            .map(|link| link.as_str().expect("a name"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// (routing-group cost, site cost)
    pub(crate) fn cost(&self) -> (u64, u64) {
        let number = |field: &str| self.route()[field].as_u64().expect("a number");
        (number("routing_group_cost"), number("site_cost"))
    }

    pub(crate) fn hops(&self) -> u64 {
        self.route()["hops"].as_u64().expect("a number")
    }

    pub(crate) fn next_hop(&self) -> String {
        node_text(&self.route()["next_hop"])
    }

    pub(crate) fn relay(&self) -> &str {
        self.route()["relay"].as_str().expect("a word")
    }

    pub(crate) fn path_decided_by(&self) -> &str {
        self.route()["decided_by"].as_str().expect("a word")
    }

    /// `C, B`, nearest the next hop first.
    pub(crate) fn backoff(&self) -> String {
        nodes_text(&self.route()["backoff"], ", ")
    }

    /// Whether a legacy sender may choose differently.
    pub(crate) fn ambiguous(&self) -> bool {
        let told = |record: &Value| record.get("ambiguous").and_then(Value::as_bool) == Some(true);
        told(&self.json) || self.json.get("route").is_some_and(told)
    }

    pub(crate) fn queued_at(&self) -> String {
        self.json.get("queued_at").map_or_else(String::new, node_text)
    }

    /// `D, C`
    pub(crate) fn tried(&self) -> String {
        self.json
            .get("tried")
            .map_or_else(String::new, |tried| nodes_text(tried, ", "))
    }

    /// `loop A, B`; empty when the mail arrives or waits.
    pub(crate) fn disagreement(&self) -> String {
        let text = |found: &Value| {
            let kind = found["kind"].as_str().expect("a word");
            format!("{kind} {}", nodes_text(&found["nodes"], ", "))
        };
        self.json.get("disagreement").map_or_else(String::new, text)
    }

    /// `["C2 selected address_space", "C1 excluded size"]`
    pub(crate) fn considered(&self) -> Vec<String> {
        let considered = self.json["considered"].as_array().expect("considered");
        let word = |candidate: &Value, field: &str| candidate[field].as_str().expect("a word").to_owned();
        considered
            .iter()
            .map(|c| format!("{} {} {}", word(c, "name"), word(c, "verdict"), word(c, "rule")))
            .collect()
    }

    /// `["B: ann@x, ben@x, split at B"]`
    pub(crate) fn copies(&self) -> Vec<String> {
        let copies = self.json["copies"].as_array().expect("copies");
        let of_copy = |copy: &Value| {
            let recipients = copy["recipients"].as_array().expect("recipients");
            let names: Vec<&str> = recipients.iter().map(|name| name.as_str().expect("a name")).collect();
            let mut text = format!("{}: {}", node_text(&copy["next_hop"]), names.join(", "));
            if let Some(node) = copy.get("split_at") {
                write!(text, ", split at {}", node_text(node)).expect("text grows");
            }
            text
        };
        copies.iter().map(of_copy).collect()
    }

    /// `["ann@x ndr 5.3.4"]`
    pub(crate) fn failed(&self) -> Vec<String> {
        let Some(failed) = self.json.get("failed").and_then(Value::as_array) else {
            return Vec::new();
        };
        let of_one = |failed: &Value| {
            let word = |field: &str| failed.get(field).and_then(Value::as_str).unwrap_or("");
            format!("{} {} {}", word("recipient"), word("outcome"), word("code"))
                .trim_end()
                .to_owned()
        };
        failed.iter().map(of_one).collect()
    }
}
