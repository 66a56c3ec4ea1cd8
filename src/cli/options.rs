//! The options of decisions that the documents leave open.

use bridgehead::model::NameOrder;
use bridgehead::route::{self, Options};
use clap::{Args, ValueEnum};

/// Open decisions, each with the documented default.
#[derive(Args)]
pub(super) struct OpenDecisions {
    /// Alphanumeric order of names: upper-cased (Site10 before Site2), as written, or with digits by value.
    #[arg(
        long,
        value_name = "ORDER",
        default_value = "ignore-case",
        help_heading = "Open decisions"
    )]
    name_order: Order,
    /// Back-off hop by hop, or by halving paths of more than four hops (2007, 2010).
    #[arg(long, value_name = "HOW", default_value = "linear", help_heading = "Open decisions")]
    backoff: Backoff,
    /// What separates equally cheap ways to a routing group: hops before names, or names alone.
    #[arg(long, value_name = "HOW", default_value = "hops", help_heading = "Open decisions")]
    legacy_tie: LegacyTie,
    /// Cost of legacy connectors: connectors before sites, or one sum.
    #[arg(long, value_name = "HOW", default_value = "pair", help_heading = "Open decisions")]
    legacy_cost: LegacyCost,
    /// Limit of Send connectors that state none: no limit, or the product's default (10MB, from 2013 on 35MB).
    #[arg(long, value_name = "HOW", default_value = "none", help_heading = "Open decisions")]
    default_size: DefaultSize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Order {
    IgnoreCase,
    Ordinal,
    Natural,
}

#[derive(Clone, Copy, ValueEnum)]
enum Backoff {
    Linear,
    Binary,
}

#[derive(Clone, Copy, ValueEnum)]
enum LegacyTie {
    Hops,
    Names,
}

#[derive(Clone, Copy, ValueEnum)]
enum LegacyCost {
    Pair,
    Sum,
}

#[derive(Clone, Copy, ValueEnum)]
enum DefaultSize {
    None,
    Product,
}

/// The word of the command line for a value.
pub(super) fn word<T: ValueEnum>(value: T) -> String {
    let word = value.to_possible_value().expect("no value is hidden");
    word.get_name().to_owned()
}

impl OpenDecisions {
    /// As arguments, each with its value.
    pub(super) fn asked(&self) -> [String; 5] {
        [
            format!("--name-order={}", word(self.name_order)),
            format!("--backoff={}", word(self.backoff)),
            format!("--legacy-tie={}", word(self.legacy_tie)),
            format!("--legacy-cost={}", word(self.legacy_cost)),
            format!("--default-size={}", word(self.default_size)),
        ]
    }

    pub(super) fn name_order(&self) -> NameOrder {
        match self.name_order {
            Order::IgnoreCase => NameOrder::IgnoreCase,
            Order::Ordinal => NameOrder::Ordinal,
            Order::Natural => NameOrder::Natural,
        }
    }

    pub(super) fn options(&self) -> Options {
        Options {
            backoff: match self.backoff {
                Backoff::Linear => route::Backoff::Linear,
                Backoff::Binary => route::Backoff::Binary,
            },
            legacy_tie: match self.legacy_tie {
                LegacyTie::Hops => route::LegacyTie::Hops,
                LegacyTie::Names => route::LegacyTie::Names,
            },
            legacy_cost: match self.legacy_cost {
                LegacyCost::Pair => route::LegacyCost::Pair,
                LegacyCost::Sum => route::LegacyCost::Sum,
            },
            default_size: match self.default_size {
                DefaultSize::None => route::DefaultSize::None,
                DefaultSize::Product => route::DefaultSize::Product,
            },
        }
    }
}
