//! How jobs are broken off.

use super::*;

/// A service whose engine stands still after so many of its events, until the gate goes; and the count of them.
fn held_after(events: usize) -> (Service, Sender<()>, Arc<AtomicUsize>) {
    let (gate, opens) = channel();
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, opens) = (count.clone(), Mutex::new(opens));
    let waker = move || {
        // Whoever cancels a job that waits calls it, too.
        let is_engine = std::thread::current().name() == Some("shiage-engine");
        if is_engine && counted.fetch_add(1, Ordering::SeqCst) + 1 == events {
            // The other end goes, and the wait with it.
            let _ = lock(&opens).recv();
        }
    };
    let cpu = device::open(Choice::Cpu).unwrap();
    let loader = |_: &ModelRef, device: &Device, _: &mut Observer<'_>| Ok(random_model(device));
    let service = Service::spawn_with(&cpu, Box::new(waker), Box::new(loader));
    (service, gate, count)
}

#[test]
fn a_running_job_is_cancelled_within_a_step() {
    // That it began, and two steps.
    let (service, gate, _) = held_after(3);
    let job = service.submit(request(100));
    while !matches!(service.wait(), Event::Progress { step: 2, .. }) {}
    service.cancel(job);
    drop(gate);
    assert_eq!(words(&follow(&service, job)), ["1 cancelled"]);
}

#[test]
fn a_job_is_cancelled_while_its_model_is_opened() {
    let (opening, opened) = channel();
    let mut loads = 0;
    // Opens nothing until nobody wants it any more; the next time there is a model.
    let loader = move |_: &ModelRef, device: &Device, observer: &mut Observer<'_>| {
        loads += 1;
        if loads > 1 {
            return Ok(random_model(device));
        }
        opening.send(()).unwrap();
        while observer().is_continue() {
            std::thread::yield_now();
        }
        Err(WeightsError::Cancelled)
    };
    let cpu = device::open(Choice::Cpu).unwrap();
    let service = Service::spawn_with(&cpu, Box::new(|| {}), Box::new(loader));
    let job = service.submit(request(1));
    opened.recv().unwrap();
    service.cancel(job);
    assert_eq!(words(&follow(&service, job)), ["1 cancelled"]);
    take(&service, request(1));
}

#[test]
fn a_waiting_job_is_cancelled_at_once_and_the_others_go_on() {
    let (service, gate, _) = held_after(1);
    let [_, second, third] = [0; 3].map(|_| service.submit(request(2)));
    assert_eq!(word(&service.wait()), "1 started 2");
    service.cancel(second);
    service.cancel(JobId(99));
    assert_eq!(words(&service.events().collect::<Vec<_>>()), ["2 cancelled"]);
    drop(gate);
    assert_eq!(
        words(&follow(&service, third)),
        ["1 1/2", "1 2/2", "1 finished", "3 started 2", "3 1/2", "3 2/2", "3 finished"]
    );
}

#[test]
fn dropping_the_service_ends_a_long_job() {
    let (service, gate, events) = held_after(2);
    service.submit(request(100));
    service.submit(request(100));
    while !matches!(service.wait(), Event::Progress { .. }) {}
    let shared = service.shared.clone();
    // Not before the service is being dropped: from then on that waits for the engine.
    let opening = std::thread::spawn(move || {
        while !shared.desk().closing {
            std::thread::yield_now();
        }
        drop(gate);
    });
    drop(service);
    opening.join().unwrap();
    assert_eq!(events.load(Ordering::SeqCst), 3, "it began, made a step, and was cancelled");
}

#[test]
fn a_job_is_cancelled_before_its_first_step_and_after_its_last() {
    let mut warm = Warm::new(Device::flex(), Box::new(|_, device, _| Ok(random_model(device))));
    let mut asked = |stop_at: usize| {
        let mut reports = Vec::new();
        let take = colorize(&mut warm, &request(2), &mut |report| {
            reports.push(match report {
                Report::Opening | Report::Working => "working",
                Report::Started { .. } => "started",
                Report::Step { .. } => "step",
            });
            if reports.len() == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (take.unwrap().is_some(), reports)
    };
    let (done, reports) = asked(usize::MAX);
    assert!(done);
    let started = reports.iter().position(|report| *report == "started").unwrap();
    assert!(started >= 3, "{reports:?}");
    assert_eq!(reports[started..], ["started", "step", "step", "working"]);
    for stop_at in [1, started, reports.len()] {
        let (done, reports) = asked(stop_at);
        assert!(!done && reports.len() == stop_at, "{reports:?}");
    }
}

/// Encoding each of them takes seconds at the published size.
#[test]
fn a_job_is_cancelled_between_the_pictures_that_it_begins_with() {
    let asked = |given: bool, stop_at: usize| {
        let mut request = request(2);
        if given {
            let green = Arc::new(RgbImage::from_pixel(9, 9, Rgb([0, 160, 0])));
            request.inputs.start = Some(green.clone());
            request.inputs.injection = Some(green);
            request.inputs.hints = Some(Arc::new(RgbaImage::from_pixel(80, 60, Rgba([0, 160, 0, 255]))));
        }
        let (mut count, mut started) = (0, None);
        let mut warm = Warm::new(Device::flex(), Box::new(|_, device, _| Ok(random_model(device))));
        let take = colorize(&mut warm, &request, &mut |report| {
            count += 1;
            if let Report::Started { .. } = report {
                started = Some(count);
            }
            if count == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (take.unwrap().is_some(), count, started)
    };
    let [without, with] = [false, true].map(|given| asked(given, usize::MAX).2.expect("it began"));
    assert_eq!(with, without + 3);
    for stop_at in without..with {
        assert_eq!(asked(true, stop_at), (false, stop_at, None));
    }
}
