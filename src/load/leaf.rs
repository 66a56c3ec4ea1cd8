//! How the leaves of a document are written and described.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::document::{ClientWord, CostOrNone, Document, EventWord, Period, ScheduleText, TextList, TopologyEntry};
use crate::model::{
    AcceptedDomainKind, ClusterKind, ConnectorKind, FateKind, LinkTransport, MessageType, Priority, Role,
    RoutingGroupConnectorKind, SizeLimit, TransportDatabase, Version, WeekMinute,
};

/// A closed set of words: bare identifiers in RON, strings in JSON.
pub(super) trait Word: Copy + 'static {
    /// What the set is called in messages, such as `version`.
    const NOUN: &'static str;
    /// Every value with its word.
    const WORDS: &'static [(&'static str, Self)];

    /// The word of this value.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($ty:ident, $noun:literal: $($word:ident),*;)*) => {$(
        impl Word for $ty {
            const NOUN: &'static str = $noun;
            const WORDS: &'static [(&'static str, Self)] = &[$((stringify!($word), $ty::$word)),*];

            fn word(self) -> &'static str {
                match self { $($ty::$word => stringify!($word)),* }
            }
        }

        impl Serialize for $ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_unit_variant(stringify!($ty), 0, self.word())
            }
        }

        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "enum": [$(stringify!($word)),*] })
            }
        }
    )*};
}

words! {
    Version, "version": Exchange55, Exchange2000, Exchange2003, Exchange2007Rtm, Exchange2007Sp1, Exchange2007Sp2,
        Exchange2007Sp3, Exchange2010Rtm, Exchange2010Sp1, Exchange2010Sp2, Exchange2010Sp3, Exchange2013, Exchange2016,
        Exchange2019, ExchangeSe;
    Role, "role": HubTransport, Mailbox, EdgeTransport, ClientAccess, UnifiedMessaging;
    LinkTransport, "transport": Ip, Smtp;
    RoutingGroupConnectorKind, "kind of routing-group connector": RoutingGroup, X400, Smtp;
    ConnectorKind, "kind of connector": Send, Foreign, DeliveryAgent, LegacySmtp, LegacyX400;
    Priority, "priority": Low, Normal, High;
    MessageType, "message type": System, NonSystem;
    AcceptedDomainKind, "kind of accepted domain": Authoritative, InternalRelay, ExternalRelay;
    ClusterKind, "kind of cluster": Scc, Ccr;
    ClientWord, "client": Mapi, Smtp, Um;
    TransportDatabase, "queue database": Same, New;
    EventWord, "kind of event": ServerDown, ServerUp, Destroy, Pause, NetworkCut, NetworkRestore, ConnectorDown, ConnectorUp,
        Dismount, Mount, Failover, Configuration, Redirect, GroupChange, SessionCut;
}

/// Fates have the words of results, which no identifier of Rust is.
impl Word for FateKind {
    const NOUN: &'static str = "fate";
    const WORDS: &'static [(&'static str, Self)] = &{
        let mut words = [("", FateKind::Delivered); FateKind::NAMES.len()];
        let mut at = 0;
        while at < words.len() {
            words[at] = (FateKind::NAMES[at].1, FateKind::NAMES[at].0);
            at += 1;
        }
        words
    };

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Serialize for FateKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("FateKind", 0, self.word())
    }
}

impl JsonSchema for FateKind {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FateKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": FateKind::NAMES.map(|(_, name)| name) })
    }
}

impl Serialize for SizeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for SizeLimit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^([0-9]+ *([KkMmGg]?[Bb])?|[Uu][Nn][Ll][Ii][Mm][Ii][Tt][Ee][Dd])$" }
            ]
        })
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Period {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9]+ *([Mm]?[Ss]|[Mm][Ii][Nn]|[Hh]|[Dd])|([0-9]+\\.)?[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})$"
        })
    }
}

impl Serialize for ScheduleText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ScheduleText::Always => serializer.serialize_unit_variant("Schedule", 0, "Always"),
            ScheduleText::Never => serializer.serialize_unit_variant("Schedule", 1, "Never"),
            ScheduleText::Windows(windows) => {
                let mut list = serializer.serialize_seq(Some(windows.len()))?;
                for window in windows {
                    list.serialize_element(window)?;
                }
                list.end()
            }
        }
    }
}

impl JsonSchema for ScheduleText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "enum": ["Always", "Never"] },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

impl Serialize for WeekMinute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for WeekMinute {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WeekMinute".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        const DAYS: &str = "[Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn]";
        json_schema!({ "type": "string", "pattern": format!("^({DAYS}) +([01][0-9]|2[0-3]):[0-5][0-9]$") })
    }
}

impl Serialize for TextList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for TextList {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TextList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "string" } })
    }
}

impl Serialize for CostOrNone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for CostOrNone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CostOrNone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "null"], "minimum": 1 })
    }
}

impl Serialize for TopologyEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TopologyEntry::LeftOut => serializer.serialize_none(),
            TopologyEntry::File(path) => path.serialize(serializer),
            TopologyEntry::Inline(document) => document.serialize(serializer),
        }
    }
}

impl JsonSchema for TopologyEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TopologyEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let document = generator.subschema_for::<Document>();
        json_schema!({ "anyOf": [{ "type": "string" }, document] })
    }
}
