//! The Python program on the other side (tests/oracle/speed.py).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};

use crate::cases::{Case, Input, Weights};

pub struct Peer {
    /// Its version, and what it runs on.
    pub name: String,
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Peer {
    /// On the GPU, if there is one that it can use and that is wanted; in half precision.
    pub fn start(python: &Path, threads: usize, gpu: bool, half: bool) -> anyhow::Result<Self> {
        let mut child = Command::new(python)
            .arg(workspace().join("tests/oracle/speed.py"))
            // Its threads wait by turning in circles, which costs it ten times its time where a core is busy with something else.
            .envs([("OMP_WAIT_POLICY", "PASSIVE"), ("GOMP_SPINCOUNT", "0")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", python.display()))?;
        let (orders, answers) = (child.stdin.take(), child.stdout.take());
        let mut peer = Self {
            name: String::new(),
            child,
            orders: orders.context("a pipe to Python")?,
            answers: BufReader::new(answers.context("a pipe from Python")?),
            folder: tempfile::tempdir()?,
        };
        let answer = peer
            .ask(&json!({ "threads": threads, "gpu": gpu, "half": half }))
            .with_context(|| format!("{} cannot run PyTorch", python.display()))?;
        let word = |name: &str| answer[name].as_str().unwrap_or_default();
        peer.name = format!("PyTorch {} on {}", word("torch"), word("device"));
        Ok(peer)
    }

    fn ask(&mut self, order: &Value) -> anyhow::Result<Value> {
        writeln!(self.orders, "{order}")?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("Python ended; what it said is above");
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// Makes the case's network there; its result, and the layout of pictures in memory that it took for it.
    pub fn build(&mut self, case: &Case) -> anyhow::Result<(Vec<f32>, Value)> {
        let [inputs, output] = ["inputs", "output"].map(|name| self.folder.path().join(name));
        let bytes = case
            .inputs
            .iter()
            .map(|Input(_, _, values)| bytes(values))
            .collect::<Vec<_>>();
        let views = case.inputs.iter().zip(&bytes).map(|(Input(name, shape, _), bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes)?;
            Ok((*name, view))
        });
        let views = views.collect::<anyhow::Result<Vec<_>>>()?;
        safetensors::serialize_to_file(views, None, &inputs)?;
        let weights = match &case.weights {
            Weights::Shared(file) => Some(file),
            Weights::Own | Weights::None => None,
        };
        let answer = self.ask(&json!({
            "network": case.network,
            "config": case.config,
            "weights": weights,
            "inputs": inputs,
            "output": output,
        }))?;
        let file = std::fs::read(&output)?;
        let result = SafeTensors::deserialize(&file)?;
        let numbers = result.tensor("output")?.data().as_chunks::<4>().0.iter();
        let numbers = numbers.map(|number| f32::from_le_bytes(*number)).collect();
        Ok((numbers, answer["layout"].clone()))
    }

    /// Seconds of one run.
    pub fn run(&mut self) -> anyhow::Result<f64> {
        let answer = self.ask(&json!({ "run": true }))?;
        answer["seconds"].as_f64().context("seconds from Python")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already; nothing is lost with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
