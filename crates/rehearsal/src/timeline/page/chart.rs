//! The chart: jobs as bars with their steps inside, below them what visitors saw,
//! all on one axis, and the marks across all of it.
//!
//! Places are percentages of the axis, so the chart fits any width. Which colour
//! answered is told by place too, not by colour alone: green is above the line,
//! blue below it.

use crate::timeline::axis::Axis;
use crate::timeline::{End, HostVisits, Job, Mark, Rehearsal, Span, Visits, words};
use crate::visitors::Tally;

use super::html::Html;

/// A step narrower than this share of the axis has no room for its name.
const ROOM: f64 = 9.0;

/// Beyond this place a short label stands to the left of what it labels.
const LATE: f64 = 78.0;

/// The same for the long label of a mark.
const MIDDLE: f64 = 50.0;

/// The whole chart.
pub(super) fn chart(rehearsal: &Rehearsal) -> Html {
    let axis = Axis::new(rehearsal.lasted);
    let mut out = Html::default();
    out.raw("<div class=\"chart\">\n");
    ticks(&mut out, axis);
    out.raw("<div class=\"rows\">\n<div class=\"overlay\" aria-hidden=\"true\">");
    for second in axis.ticks() {
        out.raw("<i style=\"left:")
            .decimal(axis.percent(std::time::Duration::from_secs(second)))
            .raw("%\"></i>");
    }
    for mark in &rehearsal.marks {
        out.raw("<i class=\"mark\" style=\"left:").decimal(axis.percent(mark.at)).raw("%\"></i>");
    }
    out.raw("</div>\n");
    for run in &rehearsal.runs {
        out.raw("<h3>").text(&run.name).raw("</h3>\n");
        for job in &run.jobs {
            job_row(&mut out, axis, job);
        }
    }
    marks(&mut out, axis, &rehearsal.marks);
    out.raw("<h3>Visitors</h3>\n");
    for host in &rehearsal.visitors.hosts {
        host_row(&mut out, axis, host, &rehearsal.visitors);
    }
    out.raw("</div>\n").add(&legend()).raw("</div>\n");
    out
}

/// The sign of an end, with its word for who cannot see it.
pub(super) fn sign(end: End) -> Html {
    let mut out = Html::default();
    out.raw("<span class=\"sign ").text(end.word()).raw("\" role=\"img\" aria-label=\"").text(end.word());
    out.raw("\">").text(end.sign()).raw("</span>");
    out
}

fn ticks(out: &mut Html, axis: Axis) {
    out.raw("<div class=\"ticks\" aria-hidden=\"true\">");
    for second in axis.ticks() {
        out.raw("<span style=\"left:")
            .decimal(axis.percent(std::time::Duration::from_secs(second)))
            .raw("%\">");
        out.number(second).raw(" s</span>");
    }
    out.raw("</div>\n");
}

fn job_row(out: &mut Html, axis: Axis, job: &Job) {
    out.raw("<div class=\"row ").text(job.end.word()).raw("\"><div class=\"label\">").add(&sign(job.end));
    out.raw(" <span>").text(&job.name).raw("</span></div>\n<div class=\"track\">");
    match job.ran {
        Some(ran) => bar(out, axis, job, ran),
        None => {
            out.raw("<span class=\"words\">").text(job.end.word());
            out.raw(if job.reason.is_empty() { "" } else { ": " }).text(&job.reason).raw("</span>");
        }
    }
    out.raw("</div></div>\n");
}

fn bar(out: &mut Html, axis: Axis, job: &Job, ran: Span) {
    let (left, width) = place(axis, ran);
    out.raw("<div class=\"bar\" style=\"left:").decimal(left).raw("%;width:").decimal(width).raw("%\">");
    for step in &job.steps {
        let Some(span) = step.ran else { continue };
        let (from, wide) = place(axis, span);
        // Within the bar, whose own width may be next to nothing.
        let scale = 100.0 / width.max(0.001);
        let offset = ((from - left) * scale).clamp(0.0, 100.0);
        out.raw("<i class=\"").text(step.end.word()).raw("\" title=\"").text(&step.name).raw(": ");
        out.text(if step.result.is_empty() { step.end.word() } else { &step.result }).raw(", ");
        out.text(&words(span.lasted)).raw("\" style=\"left:").decimal(offset).raw("%;width:");
        out.decimal((wide * scale).min(100.0 - offset)).raw("%\">");
        out.text(if wide >= ROOM { &step.name } else { "" }).raw("</i>");
    }
    out.raw("</div>");
    label(out, (left, left + width), LATE, &words(ran.lasted));
}

/// To the right of its thing, or to the left when that ends late.
fn label(out: &mut Html, (left, right): (f64, f64), late: f64, text: &str) {
    if right > late {
        out.raw("<span class=\"took before\" style=\"right:").decimal(100.0 - left).raw("%\">");
    } else {
        out.raw("<span class=\"took\" style=\"left:").decimal(right).raw("%\">");
    }
    out.text(text).raw("</span>");
}

fn place(axis: Axis, span: Span) -> (f64, f64) {
    let left = axis.percent(span.began);
    (left, axis.percent(span.ended()) - left)
}

fn marks(out: &mut Html, axis: Axis, marks: &[Mark]) {
    for mark in marks {
        let at = axis.percent(mark.at);
        out.raw("<div class=\"row marks\"><div class=\"label\"></div><div class=\"track\">");
        label(out, (at, at), MIDDLE, &format!("{} ({})", mark.label, words(mark.at)));
        out.raw("</div></div>\n");
    }
}

fn host_row(out: &mut Html, axis: Axis, host: &HostVisits, visits: &Visits) {
    let Tally { blue, green, failed } = host.total();
    let told = format!("{blue} answered by blue, {green} by green, {failed} failed");
    out.raw("<div class=\"row host\"><div class=\"label\"><span>").text(&host.host).raw("</span> <small>");
    out.text(&format!("{blue} blue, {green} green")).raw(if failed > 0 { ", <b>" } else { ", " });
    out.text(&format!("{failed} failed")).raw(if failed > 0 { "</b>" } else { "" });
    out.raw("</small></div>\n<div class=\"track\">");
    out.raw("<svg viewBox=\"0 0 1000 64\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        .text(&told);
    out.raw("\">");
    let most = host.bins.iter().map(|bin| bin.blue.max(bin.green)).max().unwrap_or(0).max(1);
    columns(out, "<path class=\"green\" d=\"", axis, visits, host, |bin| bin.green, (30.0, -28.0, most));
    columns(out, "<path class=\"blue\" d=\"", axis, visits, host, |bin| bin.blue, (34.0, 28.0, most));
    columns(
        out,
        "<path class=\"failed\" d=\"",
        axis,
        visits,
        host,
        |bin| bin.failed.min(1) * 2,
        (2.0, 60.0, 2),
    );
    out.raw("<path class=\"line\" d=\"M0 32H1000\"/></svg></div></div>\n");
}

/// One colour's visits as columns without gaps, in one path: from a base line, so
/// high at most.
fn columns(
    out: &mut Html,
    open: &'static str,
    axis: Axis,
    visits: &Visits,
    host: &HostVisits,
    count: impl Fn(&Tally) -> u64,
    (base, height, most): (f64, f64, u64),
) {
    out.raw(open);
    for (index, bin) in (0..).zip(&host.bins) {
        let seen = count(bin);
        if seen == 0 {
            continue;
        }
        let (from, to) = (axis.percent(visits.bin * index), axis.percent(visits.bin * (index + 1)));
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^52 visits")]
        let tall = height * seen as f64 / most as f64;
        out.raw("M").decimal(from * 10.0).raw(" ").decimal(base).raw("V").decimal(base + tall);
        out.raw("H").decimal(to * 10.0).raw("V").decimal(base).raw("z");
    }
    out.raw("\"/>");
}

fn legend() -> Html {
    let mut out = Html::default();
    out.raw("<p class=\"legend\"><span class=\"key green\"></span> above the line: answered by green ");
    out.raw("<span class=\"key blue\"></span> below the line: answered by blue ");
    out.raw("<span class=\"key failed\"></span> a request failed</p>\n");
    out
}
