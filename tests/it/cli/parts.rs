//! Parts of a verification by processes of their own, as array jobs start them, and what `merge` makes of them.

use super::*;

const CITIES: &str = "topologies/lw11-documented-cities/cities.ron";
const CONTOSO: &str = "topologies/contoso/topology.ron";

/// The process for one task of an array job: a program with these variables alone.
fn task(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = program(arguments);
    for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "BRIDGEHEAD_SHARDS"] {
        command.env_remove(name);
    }
    command
        .envs(variables.iter().copied())
        .output()
        .expect("the program starts")
}

/// All parts of a question by tasks of a Slurm array that counts from `first`.
fn parts(folder: &tempfile::TempDir, ask: &[&str], of: u64, first: u64) -> Vec<PathBuf> {
    let part = |at: u64| {
        let path = folder.path().join(format!("{at}-of-{of}.part"));
        let [id, of, first] = [first + at, of, first].map(|n| n.to_string());
        let variables = [
            ("SLURM_ARRAY_TASK_ID", id.as_str()),
            ("SLURM_ARRAY_TASK_COUNT", &of),
            ("SLURM_ARRAY_TASK_MIN", &first),
            ("SLURM_ARRAY_TASK_STEP", "1"),
        ];
        let output = task(&[ask, &["--shard", "auto", "-o", text_of(&path)]].concat(), &variables);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        path
    };
    (0..of).map(part).collect()
}

fn merge(parts: &[PathBuf]) -> Output {
    let names: Vec<&str> = parts.iter().map(|path| text_of(path)).collect();
    run(&[&["merge"], &names[..]].concat())
}

#[test]
fn parts_together_are_what_one_process_writes() {
    for ask in [
        &["verify", LITWARE, "--sweep", "sites"][..],
        &[
            "verify",
            CONTOSO,
            "--sweep",
            "sites",
            "--max-failures",
            "2",
            "--format",
            "json",
            "--worst",
            "25",
        ],
        &[
            "verify",
            LITWARE,
            "--sweep",
            "sites",
            "--backoff",
            "binary",
            "--name-order",
            "ordinal",
        ],
        &["verify", WINGTIP],
        &["verify", WINGTIP, "--max-failures", "2", "--format", "json"],
        &["verify", CITIES, "--dns-connectors-fail", "--max-repairs", "50"],
        &["verify", CITIES, "--max-checks", "7"],
        &[
            "verify",
            CITIES,
            "--previous",
            WINGTIP,
            "--max-failures",
            "0",
            "--session-wait",
            "90s",
        ],
        &["verify", LITWARE, "--max-sites", "77"],
    ] {
        let whole = run(ask);
        for of in [1, 2, 7] {
            let folder = folder();
            let mut parts = parts(&folder, ask, of, of % 2);
            parts.reverse();
            let merged = merge(&parts);
            assert_eq!(stderr(&merged), stderr(&whole), "{ask:?} in {of}");
            assert_eq!(merged.status.code(), whole.status.code(), "{ask:?} in {of}");
            assert!(merged.stdout == whole.stdout, "{ask:?} in {of}");
        }
    }
}

#[test]
fn kubernetes_says_which_part_and_not_how_many() {
    let folder = folder();
    let ask = |path: &Path, more: &[&str], variables: &[(&str, &str)]| {
        task(
            &[&["verify", CITIES, "--shard", "auto", "-o", text_of(path)], more].concat(),
            variables,
        )
    };
    let paths = ["a", "b"].map(|name| folder.path().join(name));
    let none = ask(&paths[0], &[], &[("JOB_COMPLETION_INDEX", "0")]);
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("BRIDGEHEAD_SHARDS"), "{}", stderr(&none));
    let first = ask(&paths[0], &["--shards", "2"], &[("JOB_COMPLETION_INDEX", "0")]);
    let second = ask(
        &paths[1],
        &[],
        &[("JOB_COMPLETION_INDEX", "1"), ("BRIDGEHEAD_SHARDS", "2")],
    );
    assert_eq!((first.status.code(), second.status.code()), (Some(0), Some(0)));
    let (merged, whole) = (merge(&paths), run(&["verify", CITIES]));
    assert_eq!(
        (merged.status.code(), merged.stdout),
        (whole.status.code(), whole.stdout)
    );
}

#[test]
fn a_part_that_is_there_is_left_as_it_is_and_nothing_else_is_written_over() {
    let folder = folder();
    let path = folder.path().join("part");
    let ask = |arguments: &[&str]| run(&[arguments, &["-o", text_of(&path)]].concat());
    let first = ["verify", LITWARE, "--sweep", "sites", "--shard", "1/2"];
    assert_eq!(ask(&first).status.code(), Some(0));
    let written = std::fs::read(&path).expect("a part");
    let when = || std::fs::metadata(&path).expect("a part").modified().expect("a time");
    let then = when();
    let again = ask(&first);
    assert_eq!(again.status.code(), Some(0));
    assert!(stderr(&again).contains("part 1 of 2 is complete"), "{}", stderr(&again));
    assert_eq!((std::fs::read(&path).expect("a part"), when()), (written.clone(), then));
    for (other, why) in [
        (
            &["verify", LITWARE, "--sweep", "sites", "--shard", "2/2"][..],
            "part 1, and not part 2",
        ),
        (
            &["verify", LITWARE, "--sweep", "sites", "--shard", "1/3"],
            "part 1 of 2, and not one of 3",
        ),
        (
            &["verify", LITWARE, "--sweep", "sites", "--worst", "9", "--shard", "1/2"],
            "--worst=10 instead of --worst=9",
        ),
        (
            &["verify", LATER, "--sweep", "sites", "--shard", "1/2"],
            "another topology",
        ),
        (&["verify", LITWARE, "--shard", "1/2"], "another question"),
    ] {
        let refused = ask(other);
        assert_eq!(refused.status.code(), Some(2), "{other:?}");
        assert!(stderr(&refused).contains(why), "{}", stderr(&refused));
        assert_eq!(std::fs::read(&path).expect("a part"), written, "{other:?}");
    }
    std::fs::write(&path, &written[..written.len() / 2]).expect("a file");
    let broken = ask(&first);
    assert_eq!(broken.status.code(), Some(2));
    assert!(stderr(&broken).contains("not all of one"), "{}", stderr(&broken));
    // Once it is gone, the part is made again, to the same bytes.
    std::fs::remove_file(&path).expect("it is there");
    assert_eq!(ask(&first).status.code(), Some(0));
    assert_eq!(std::fs::read(&path).expect("a part"), written);
}

#[test]
fn everything_that_is_wrong_with_parts_is_told_at_once() {
    let folder = folder();
    let ask = ["verify", LITWARE, "--sweep", "sites"];
    let good = parts(&folder, &ask, 5, 1);
    let made = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        assert_eq!(
            run(&[arguments, &["-o", text_of(&path)]].concat()).status.code(),
            Some(0)
        );
        path
    };
    let changed = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(&good[3]).expect("a part");
        assert!(text.contains(from), "{from} in {text}");
        file(&folder, name, &text.replacen(from, to, 1))
    };
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    let all = [
        good[0].clone(),
        good[2].clone(),
        made("twice", &["verify", LITWARE, "--sweep", "sites", "--shard", "3/5"]),
        made(
            "other-options",
            &["verify", LITWARE, "--sweep", "sites", "--worst", "3", "--shard", "2/5"],
        ),
        made(
            "other-topology",
            &["verify", LATER, "--sweep", "sites", "--shard", "2/5"],
        ),
        made(
            "other-number",
            &["verify", LITWARE, "--sweep", "sites", "--shard", "2/6"],
        ),
        changed("other-results", "\"lost\":", "\"lost\":1"),
        changed("other-version", &version, "\"version\":\"9.9.9\""),
        changed("other-input", "Dublin", "Dublim"),
        changed("other-range", "\"part\":4", "\"part\":5"),
        file(&folder, "no-part", "{}"),
        folder.path().join("nowhere"),
    ];
    let refused = merge(&all);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    let told = stderr(&refused);
    for wrong in [
        "twice: part 3 of 5 is there twice",
        "other-options: it is of another question: --worst=3 instead of --worst=10",
        "other-topology: it is of another topology",
        "other-number: it is part 2 of 6, and not one of 5",
        "other-results: its results are not what its receipt says",
        "other-version: it was made by version 9.9.9, and this is ",
        "other-input: its input is not what its receipt says",
        "other-range: its receipt contradicts itself",
        "no-part: this is no part",
        "nowhere: it cannot be read",
        "part 2 of 5 is missing",
        "parts 4 to 5 of 5 are missing",
    ] {
        assert!(told.contains(wrong), "{wrong} in\n{told}");
    }
    assert_eq!(told.matches("error: ").count(), 12, "{told}");
    assert_eq!(merge(&good).stdout, run(&ask).stdout);
    let small = run(&["merge", text_of(&good[0]), "--max-part-size", "100B"]);
    assert_eq!(small.status.code(), Some(1));
    assert!(stderr(&small).contains("--max-part-size"), "{}", stderr(&small));
}

#[test]
fn what_makes_no_part_is_wrong_usage() {
    let folder = folder();
    let path = folder.path().join("part");
    let to = &["-o", text_of(&path)][..];
    for wrong in [
        &["--shard", "0/3"][..],
        &["--shard", "4/3"],
        &["--shard", "3"],
        &["--shard", "a/b"],
        &["--shard", "1/2", "--shards", "2"],
        &["--shards", "2"],
        &["--shard", "auto"],
        &["--shard", "1/2", "--certificate", "x"],
        &["--shard", "1/2", "--sweep", "sites", "--dump", "x"],
    ] {
        let output = task(&[&["verify", LITWARE], wrong, to].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    let nowhere = run(&["verify", LITWARE, "--shard", "1/2"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("-o PART"), "{}", stderr(&nowhere));
    let folder_instead = run(&["verify", LITWARE, "--shard", "1/2", "-o", text_of(folder.path())]);
    assert_eq!(folder_instead.status.code(), Some(2));
    assert!(!path.exists());
    // Told before the work.
    let no_folder = run(&["verify", LITWARE, "--shard", "1/2", "-o", text_of(&path.join("1"))]);
    assert_eq!(no_folder.status.code(), Some(5));
    assert!(
        stderr(&no_folder).contains("there is no folder"),
        "{}",
        stderr(&no_folder)
    );
}
