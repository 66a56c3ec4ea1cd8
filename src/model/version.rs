//! Exchange versions and the generations that route alike.

/// A version of Exchange, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum Version {
    Exchange55,
    Exchange2000,
    Exchange2003,
    Exchange2007Rtm,
    Exchange2007Sp1,
    Exchange2007Sp2,
    Exchange2007Sp3,
    Exchange2010Rtm,
    Exchange2010Sp1,
    Exchange2010Sp2,
    Exchange2010Sp3,
    Exchange2013,
    Exchange2016,
    Exchange2019,
    ExchangeSe,
}

/// Versions that follow the same routing rules; oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Generation {
    /// 5.5, 2000, 2003: routing groups and link state.
    Legacy,
    /// 2007 RTM: sites, but blind to X.400 group connectors and to size limits (R62, R63, R72).
    Exchange2007Rtm,
    /// 2007 SP1 to SP3 (R66–R73).
    Exchange2007Sp1,
    /// 2010: as 2007 SP1, with version-based delivery (RT-2.12).
    Exchange2010,
    /// 2013, 2016, 2019, SE: delivery groups (RT-2.13).
    Exchange2013,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Version; 15] = [
        Version::Exchange55,
        Version::Exchange2000,
        Version::Exchange2003,
        Version::Exchange2007Rtm,
        Version::Exchange2007Sp1,
        Version::Exchange2007Sp2,
        Version::Exchange2007Sp3,
        Version::Exchange2010Rtm,
        Version::Exchange2010Sp1,
        Version::Exchange2010Sp2,
        Version::Exchange2010Sp3,
        Version::Exchange2013,
        Version::Exchange2016,
        Version::Exchange2019,
        Version::ExchangeSe,
    ];

    /// The generation it routes as.
    pub fn generation(self) -> Generation {
        match self {
            Version::Exchange55 | Version::Exchange2000 | Version::Exchange2003 => Generation::Legacy,
            Version::Exchange2007Rtm => Generation::Exchange2007Rtm,
            Version::Exchange2007Sp1 | Version::Exchange2007Sp2 | Version::Exchange2007Sp3 => {
                Generation::Exchange2007Sp1
            }
            Version::Exchange2010Rtm
            | Version::Exchange2010Sp1
            | Version::Exchange2010Sp2
            | Version::Exchange2010Sp3 => Generation::Exchange2010,
            Version::Exchange2013 | Version::Exchange2016 | Version::Exchange2019 | Version::ExchangeSe => {
                Generation::Exchange2013
            }
        }
    }

    /// Whether it is 5.5, 2000 or 2003.
    pub fn is_legacy(self) -> bool {
        self.generation() == Generation::Legacy
    }

    /// The name that files use, such as `Exchange2007Sp1`.
    pub fn name(self) -> &'static str {
        match self {
            Version::Exchange55 => "Exchange55",
            Version::Exchange2000 => "Exchange2000",
            Version::Exchange2003 => "Exchange2003",
            Version::Exchange2007Rtm => "Exchange2007Rtm",
            Version::Exchange2007Sp1 => "Exchange2007Sp1",
            Version::Exchange2007Sp2 => "Exchange2007Sp2",
            Version::Exchange2007Sp3 => "Exchange2007Sp3",
            Version::Exchange2010Rtm => "Exchange2010Rtm",
            Version::Exchange2010Sp1 => "Exchange2010Sp1",
            Version::Exchange2010Sp2 => "Exchange2010Sp2",
            Version::Exchange2010Sp3 => "Exchange2010Sp3",
            Version::Exchange2013 => "Exchange2013",
            Version::Exchange2016 => "Exchange2016",
            Version::Exchange2019 => "Exchange2019",
            Version::ExchangeSe => "ExchangeSe",
        }
    }
}

impl Generation {
    /// The generation whose transport servers deliver to mailboxes of this one (D5): RTM or not, 2007 is one.
    pub fn delivery(self) -> Generation {
        match self {
            Generation::Exchange2007Rtm => Generation::Exchange2007Sp1,
            other => other,
        }
    }
}
