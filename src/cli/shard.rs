//! `--shard`: which part of the work this process does.

use std::ops::Range;

use clap::Args;

use super::failure::Failure;

/// Which part of the work is done.
#[derive(Args)]
pub(super) struct ShardArgs {
    /// Do part I of N (1/N to N/N) and write it to the file of `-o`; `bridgehead merge` puts parts together. `auto` reads what array jobs of Slurm
    /// (SLURM_ARRAY_TASK_ID with _COUNT, _MIN and _STEP) or indexed jobs of Kubernetes (JOB_COMPLETION_INDEX) say. A part that is there and complete is left
    /// as it is.
    #[arg(long, value_name = "I/N|auto", value_parser = shard, help_heading = "Parts",
          conflicts_with_all = ["certificate", "check", "dump"])]
    shard: Option<ShardArg>,
    /// With `--shard auto`: how many parts there are. Kubernetes does not say; Slurm says how many tasks were submitted together, so that a task that is submitted
    /// again by itself needs it, too, and counts from 1. BRIDGEHEAD_SHARDS in the environment says the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "shard", help_heading = "Parts")]
    shards: Option<u64>,
}

#[derive(Clone, Copy)]
enum ShardArg {
    Auto,
    Part(Shard),
}

/// Part `index` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) index: u64,
    pub(super) of: u64,
}

impl Shard {
    /// Its range of `len` pieces of work: contiguous, and as long as all others, or shorter by one.
    pub(super) fn range(self, len: u64) -> Range<u64> {
        let at = |n: u64| {
            let at = u128::from(len) * u128::from(n) / u128::from(self.of);
            u64::try_from(at).expect("no more than all")
        };
        at(self.index - 1)..at(self.index)
    }
}

impl ShardArgs {
    /// The part that was asked for, if one was.
    pub(super) fn shard(&self) -> Result<Option<Shard>, Failure> {
        match self.shard {
            None => Ok(None),
            Some(ShardArg::Part(_)) if self.shards.is_some() => {
                Err(Failure::usage("`--shards` counts the parts of `--shard auto`").help("`--shard I/N` says both"))
            }
            Some(ShardArg::Part(shard)) => Ok(Some(shard)),
            Some(ShardArg::Auto) => auto(self.shards, &|name| std::env::var(name).ok()).map(Some),
        }
    }
}

fn shard(text: &str) -> Result<ShardArg, String> {
    if text == "auto" {
        return Ok(ShardArg::Auto);
    }
    let number = |text: &str| text.parse::<u64>().ok();
    let parts = text
        .split_once('/')
        .and_then(|(index, of)| Some((number(index)?, number(of)?)));
    match parts {
        Some((index, of)) if (1..=of).contains(&index) => Ok(ShardArg::Part(Shard { index, of })),
        _ => Err("it has to be I/N with I from 1 to N, such as 3/7, or auto".to_owned()),
    }
}

/// What the environment of an array job says. `shards`: how many parts there are, where the user says so.
fn auto(shards: Option<u64>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, Failure> {
    let number = |name: &str| -> Result<Option<u64>, Failure> {
        let Some(text) = variable(name) else { return Ok(None) };
        let parsed = text.trim().parse();
        let wrong = || Failure::usage(format!("{name} is `{text}`, which is no number of parts or tasks"));
        parsed.map(Some).map_err(|_| wrong())
    };
    let of = match shards {
        Some(of) => Some(of),
        None => number("BRIDGEHEAD_SHARDS")?,
    };
    let slurm = number("SLURM_ARRAY_TASK_ID")?;
    let kubernetes = number("JOB_COMPLETION_INDEX")?;
    let (index, of) = match (slurm, kubernetes) {
        (Some(_), Some(_)) => {
            return Err(
                Failure::usage("both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are set").help("use `--shard I/N`"),
            );
        }
        (None, None) => {
            return Err(
                Failure::usage("neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set")
                    .help("`--shard auto` is for array jobs; elsewhere use `--shard I/N`"),
            );
        }
        (None, Some(index)) => {
            let of = of.ok_or_else(|| {
                Failure::usage("Kubernetes does not say how many completions a job has")
                    .help("add `--shards N`, or set BRIDGEHEAD_SHARDS")
            })?;
            (index.saturating_add(1), of)
        }
        (Some(id), None) => match of {
            Some(of) => (id, of),
            None => {
                let wanted = |name: &str| {
                    number(name)?.ok_or_else(|| Failure::usage(format!("{name} is not set")).help("add `--shards N`"))
                };
                let count = wanted("SLURM_ARRAY_TASK_COUNT")?;
                let first = wanted("SLURM_ARRAY_TASK_MIN")?;
                let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
                let gone = id.checked_sub(first).filter(|gone| gone.is_multiple_of(step));
                (gone.map_or(0, |gone| gone / step + 1), count)
            }
        },
    };
    match (1..=of).contains(&index) {
        true => Ok(Shard { index, of }),
        false => Err(Failure::usage(format!("this task is none of {of} parts"))
            .help("number the tasks without gaps, from 1 to N with `--shards N`, or use `--shard I/N`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shards: Option<u64>, variables: &[(&str, &str)]) -> Option<(u64, u64)> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        auto(shards, &variable).ok().map(|shard| (shard.index, shard.of))
    }

    #[test]
    fn array_jobs_say_which_part_they_are() {
        let slurm = |id, count, first, step| {
            told(
                None,
                &[
                    ("SLURM_ARRAY_TASK_ID", id),
                    ("SLURM_ARRAY_TASK_COUNT", count),
                    ("SLURM_ARRAY_TASK_MIN", first),
                    ("SLURM_ARRAY_TASK_STEP", step),
                ],
            )
        };
        assert_eq!(slurm("1", "7", "1", "1"), Some((1, 7)));
        assert_eq!(slurm("7", "7", "1", "1"), Some((7, 7)));
        assert_eq!(slurm("0", "4", "0", "1"), Some((1, 4)));
        // --array=10-22:4
        assert_eq!(slurm("18", "4", "10", "4"), Some((3, 4)));
        // --array=1,2,9: nobody says which of the three 9 is.
        assert_eq!(slurm("9", "3", "1", "1"), None);
        assert_eq!(slurm("12", "4", "10", "4"), None);
        assert_eq!(slurm("x", "4", "10", "4"), None);
        // Submitted again by itself.
        let again = [
            ("SLURM_ARRAY_TASK_ID", "5"),
            ("SLURM_ARRAY_TASK_COUNT", "1"),
            ("SLURM_ARRAY_TASK_MIN", "5"),
        ];
        assert_eq!(told(Some(7), &again), Some((5, 7)));
        assert_eq!(told(Some(4), &again), None);
        let kubernetes = ("JOB_COMPLETION_INDEX", "0");
        assert_eq!(told(Some(7), &[kubernetes]), Some((1, 7)));
        assert_eq!(told(None, &[kubernetes, ("BRIDGEHEAD_SHARDS", "3")]), Some((1, 3)));
        assert_eq!(told(None, &[kubernetes]), None);
        assert_eq!(told(None, &[]), None);
        assert_eq!(told(Some(2), &[kubernetes, ("SLURM_ARRAY_TASK_ID", "1")]), None);
    }

    #[test]
    fn parts_are_contiguous_and_balanced() {
        for len in [0, 1, 6, 7, 100, u64::MAX] {
            for of in [1, 2, 7, 150] {
                let ranges: Vec<Range<u64>> = (1..=of).map(|index| Shard { index, of }.range(len)).collect();
                assert_eq!((ranges[0].start, ranges.last().expect("one").end), (0, len));
                assert!(ranges.windows(2).all(|two| two[0].end == two[1].start));
                let sizes = ranges.iter().map(|range| range.end - range.start);
                assert!(
                    sizes.clone().max().expect("one") - sizes.min().expect("one") <= 1,
                    "{len} in {of}"
                );
            }
        }
    }
}
