// The JSON twin of the page of an evaluation: everything that it shows; null where a figure cannot be said.

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Writes an evaluation as one JSON object.</summary>
internal static class EvaluationJson
{
    // Of the forecasts over time: further rows are left out evenly.
    private const int MostSeriesRows = 2000;

    private static readonly JsonWriterOptions Options =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the object and a line end in UTF-8.</summary>
    /// <param name="stream">Takes the object; stays open.</param>
    /// <param name="report">The evaluation.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, EvaluationReport report)
    {
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            WriteHead(json, report.Request);
            WriteForecasts(json, report);
            WriteFolds(json, report);
            WriteShifts(json, report.Shifts);
            WriteWarnings(json, report);
            WriteHistory(json, report.Request.History);
            WriteGates(json, report.Request.Gates);
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private static void WriteHead(Utf8JsonWriter json, EvaluationRequest request)
    {
        json.WriteString("model", request.Model);
        json.WriteString("modelSha256", request.ModelSha256);
        json.WriteString("recording", request.Recording);
        json.WriteString("recordingSha256", request.RecordingSha256);
        json.WriteString("date", request.Date.Length > 0 ? request.Date : null);
        json.WriteNumber("samplePeriodMs", request.Table.SamplePeriodMs);
        json.WriteNumber("rows", request.Table.Rows);
        WriteRows(json, "training", request.Training);
        if (request.Validation is { } validation)
        {
            WriteRows(json, "validation", validation);
        }

        WriteRows(json, "measured", request.Measured);
    }

    private static void WriteForecasts(Utf8JsonWriter json, EvaluationReport report)
    {
        json.WriteStartArray("forecasts");
        for (int g = 0; g < report.Groups.Count; g++)
        {
            OutputGroup group = report.Groups[g];
            json.WriteStartObject();
            json.WriteString("target", group.Target);
            json.WriteString("unit", group.Unit);
            json.WriteNumber("horizon", group.Horizon);
            json.WriteNumber("season", report.Seasons[g]);
            json.WriteStartArray("forecasters");
            foreach (ForecasterResult forecaster in report.Forecasters)
            {
                WriteScores(json, forecaster.Name, forecaster.Scores[g]);
            }

            json.WriteEndArray();
            WriteHistogram(json, ResidualHistogram.Of(report.Residuals[g]));
            WriteSeries(json, report.Request, group);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteScores(Utf8JsonWriter json, string name, ForecastScores scores)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteNumber("count", scores.Count);
        Write(json, "mae", scores.Mae);
        Write(json, "rmse", scores.Rmse);
        Write(json, "mase", scores.Mase);
        Write(json, "smapePercent", scores.Smape);
        Write(json, "bias", scores.Bias);
        Write(json, "directionAccuracy", scores.DirectionAccuracy);
        json.WriteStartArray("quantiles");
        foreach (QuantileScore quantile in scores.Quantiles)
        {
            json.WriteStartObject();
            Write(json, "quantile", quantile.Quantile);
            Write(json, "pinball", quantile.Pinball);
            Write(json, "shareBelow", quantile.ShareBelow);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (scores.Band is { } band)
        {
            json.WriteStartObject("band");
            Write(json, "nominal", band.Nominal);
            Write(json, "achieved", band.Achieved);
            Write(json, "meanWidth", band.MeanWidth);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteHistogram(Utf8JsonWriter json, ResidualHistogram histogram)
    {
        json.WriteStartObject("residuals");
        Write(json, "low", histogram.Low);
        Write(json, "high", histogram.High);
        WriteNumbers(json, "counts", Array.ConvertAll(histogram.Counts, count => (double)count));
        json.WriteEndObject();
    }

    private static void WriteSeries(Utf8JsonWriter json, EvaluationRequest request, OutputGroup group)
    {
        int every = ((request.Measured.Count - 1) / MostSeriesRows) + 1;
        json.WriteStartObject("series");
        json.WriteNumber("everyRows", every);
        json.WriteStartArray("columns");
        foreach (string column in (string[])["row", "value", "forecast", .. group.HasBand ? ["low", "high"] : (string[])[]])
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        for (int row = request.Measured.Begin; row < request.Measured.End; row += every)
        {
            int origin = row - group.Horizon;
            string values = Text(request.Table[row, group.Channel]) + ", " + Text(request.Forecasts[origin, group.Point]);
            if (group.HasBand)
            {
                float high = request.Forecasts[origin, group.QuantileOutputs[group.QuantileOutputs.Count - 1]];
                values += ", " + Text(request.Forecasts[origin, group.QuantileOutputs[0]]) + ", " + Text(high);
            }

            // A line for each row.
            json.WriteRawValue($"[{row}, {values}]");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFolds(Utf8JsonWriter json, EvaluationReport report)
    {
        json.WriteStartArray("folds");
        foreach (FoldResult fold in report.Folds)
        {
            json.WriteStartObject();
            WriteRows(json, "training", fold.Training);
            WriteRows(json, "measured", fold.Measured);
            json.WriteStartArray("forecasts");
            for (int g = 0; g < report.Groups.Count; g++)
            {
                json.WriteStartObject();
                json.WriteString("target", report.Groups[g].Target);
                json.WriteNumber("horizon", report.Groups[g].Horizon);
                json.WriteStartArray("forecasters");
                foreach (ForecasterResult forecaster in fold.Forecasters)
                {
                    WriteScores(json, forecaster.Name, forecaster.Scores[g]);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteShifts(Utf8JsonWriter json, IReadOnlyList<InputShift> shifts)
    {
        json.WriteStartArray("inputs");
        foreach (InputShift shift in shifts)
        {
            json.WriteStartObject();
            json.WriteString("name", shift.Input);
            json.WriteString("part", shift.Part);
            Write(json, "populationStabilityIndex", shift.Index);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteWarnings(Utf8JsonWriter json, EvaluationReport report)
    {
        json.WriteStartArray("warnings");
        foreach (EvaluationWarning warning in report.Warnings)
        {
            json.WriteStartObject();
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(warning.Kind.ToString()));
            json.WriteString("subject", warning.Subject);
            json.WriteNumber("horizon", warning.Horizon);
            Write(json, "value", warning.Value);
            Write(json, "limit", warning.Limit);
            json.WriteString("text", warning.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in report.Request.Notes)
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
    }

    private static void WriteHistory(Utf8JsonWriter json, TrainingHistory? history)
    {
        if (history is null)
        {
            return;
        }

        json.WriteStartObject("trainingHistory");
        json.WriteNumber("bestEpoch", history.BestEpoch);
        Write(json, "bestLoss", history.BestLoss);
        json.WriteNumber("updates", history.Updates);
        json.WriteString("ended", JsonNamingPolicy.CamelCase.ConvertName(history.Reason.ToString()));
        json.WriteStartArray("epochs");
        foreach (EpochReport epoch in history.Epochs)
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", epoch.Epoch);
            Write(json, "trainingLoss", epoch.TrainingLoss);
            Write(json, "validationLoss", epoch.ValidationLoss);
            Write(json, "gradientNorm", epoch.GradientNorm);
            Write(json, "learningRate", epoch.LearningRate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteGates(Utf8JsonWriter json, IReadOnlyList<GateActivity> gates)
    {
        json.WriteStartArray("gates");
        foreach (GateActivity gate in gates)
        {
            json.WriteStartObject();
            json.WriteString("layer", gate.Layer);
            json.WriteString("gate", gate.Gate);
            json.WriteNumber("rows", gate.Rows);
            Write(json, "mean", gate.Mean);
            Write(json, "spread", gate.Spread);
            WriteNumbers(json, "unitMeans", gate.Means);
            WriteNumbers(json, "unitDeviations", gate.Deviations);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Text(float value) =>
        float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null";

    private static void WriteRows(Utf8JsonWriter json, string name, RowRange rows)
    {
        json.WriteStartObject(name);
        json.WriteNumber("firstRow", rows.Begin);
        json.WriteNumber("lastRow", rows.End - 1);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, double[] values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue((float)value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
