//! One measurement in a process of its own: the parent's side and the child's.

use crate::arguments::ONE;
use cyclade_benches::clock::Reading;
use cyclade_benches::contest::measured::Figures;
use cyclade_benches::contest::targets::{CPU, WALL};
use cyclade_benches::{Contestant, Workload, big_stack};
use std::io::Read;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Nobody is waited for longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// The child's part: prints one figure a line, a tab behind its name.
pub(crate) fn run(workloads: Vec<Workload>, workload: &str, contestant: &str, size: u64) -> ExitCode {
    let found = workloads
        .into_iter()
        .filter(|w| w.name == workload)
        .flat_map(|w| w.contestants)
        .find(|c| c.name == contestant);
    let Some(Contestant { run, .. }) = found else {
        return crate::fail(&format!("no `{contestant}` in workload `{workload}`"));
    };
    big_stack::run(move || {
        run(size, &|reading: Reading| {
            println!("{CPU}\t{}", reading.spent.cpu.as_nanos());
            println!("{WALL}\t{}", reading.spent.wall.as_nanos());
            for (name, value) in reading.figures {
                println!("{name}\t{value}");
            }
            // Without taking the subject down: that is not measured, and some peers take long over it.
            std::process::exit(0)
        });
    });
    ExitCode::FAILURE
}

/// The parent's part.
pub(crate) fn measure(workload: &Workload, contestant: &str) -> Result<Figures, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args([ONE, workload.name, contestant, &workload.size.to_string()])
        // As many as control (f) has.
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.map(|mut stdout| stdout.read_to_string(&mut text));
        // Nobody listens any more if the parent has lost its patience.
        _ = sender.send((text, read.is_some_and(|read| read.is_ok())));
    });
    let told = receiver.recv_timeout(PATIENCE);
    if told.is_err() {
        // It may have ended this very moment.
        _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    // It ends with the pipe, whatever it says.
    _ = reader.join();
    match told {
        Ok((text, true)) if status.success() => {
            figures(&text).ok_or_else(|| "said what nobody understands".to_owned())
        }
        Ok(_) => Err(format!("did not finish ({status})")),
        Err(_) => Err(format!("was not done after {} s", PATIENCE.as_secs())),
    }
}

fn figures(text: &str) -> Option<Figures> {
    text.lines()
        .map(|line| {
            line.split_once('\t').and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        })
        .collect()
}
