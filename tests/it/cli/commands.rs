//! Commands that need no topology, and those that the README names.

use super::*;

#[test]
fn setup_is_a_template() {
    // R11, R19, R20: a pair of connectors, cost 1, between the hub and the bridgehead.
    let text = done(&[
        "generate",
        "--template",
        "setup",
        "--bridgehead",
        "BH1",
        "--hub",
        "HUB1",
    ]);
    for part in [
        r#"source_servers: ["HUB1"], target_servers: ["BH1"]"#,
        r#"source_servers: ["BH1"], target_servers: ["HUB1"]"#,
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    for wrong in [
        &["generate"][..],
        &["generate", "--template", "setup", "--hub", "HUB1"],
        &["generate", "--template", "setup", "--bridgehead", "X", "--hub", "X"],
        &["generate", "--shape", "ring"],
        &["generate", "--shape", "ring", "--sites", "3", "--template", "setup"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn shells_and_manuals() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(done(&["completions", shell]).contains("explain"), "{shell}");
    }
    let manual = done(&["man"]);
    for word in ["EXPLAIN", "\\-\\-legacy\\-tie", "GENERATE"] {
        assert!(manual.contains(word), "{word}");
    }
    assert!(done(&["import", "exchange", "--script"]).contains("Export-Clixml"));
    let folder = folder();
    let path = folder.path().join("export.ps1");
    done(&["import", "exchange", "--script", "-o", text_of(&path)]);
    assert!(
        std::fs::read_to_string(&path)
            .expect("the script")
            .contains("Export-Clixml")
    );
}

#[test]
fn the_readme_names_only_commands_that_there_are() {
    let readme = String::from_utf8(read("README.md")).expect("text");
    let spans = readme.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = readme.lines().map(|line| line.trim_start_matches("$ "));
    let commands: Vec<&str> = spans
        .chain(lines)
        .filter_map(|command| command.strip_prefix("bridgehead "))
        .map(|command| command.split(['>', '#']).next().unwrap_or(command))
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // Arguments are read from the left: what is not known is refused before the help is reached.
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let output = run(&arguments);
        assert!(output.status.success(), "{command}: {}", stderr(&output));
    }
}
