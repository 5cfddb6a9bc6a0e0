// The live view of the demonstration: one block per stream, the last alarms below; or one plain line per stream and second.

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeLstm.Worker.Demo;

/// <summary>Takes messages on the subscriber's thread and draws on the caller's.</summary>
/// <param name="stage">What is shown.</param>
/// <param name="isPlain">True where the output is no terminal.</param>
internal sealed class DemoView(DemoStage stage, bool isPlain)
{
    private const int AlarmsShown = 5;
    private const string HomeAndClearBelow = "\e[H\e[J";
    private const string HideCursor = "\e[2J\e[?25l";
    private const string ShowCursor = "\e[?25h";

    private readonly Lock _gate = new();
    private readonly StreamPanel[] _panels = [.. stage.Streams.Select(stream => new StreamPanel(stream))];
    private readonly Queue<string> _alarms = new();
    private long _messages;

    /// <summary>True where the output is no terminal.</summary>
    public bool IsPlain => isPlain;

    /// <summary>True when every stream was heard with a forecast.</summary>
    public bool HeardEveryStream
    {
        get
        {
            lock (_gate)
            {
                return _panels.All(panel => panel.HasForecast);
            }
        }
    }

    /// <summary>Takes one message as "topic payload".</summary>
    public void Take(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        string[] levels = (space < 0 ? line : line[..space]).Split('/');
        if (space < 0 || levels.Length < 3 || line[space + 1] != '{')
        {
            return;
        }

        using JsonDocument payload = JsonDocument.Parse(line.AsMemory(space + 1));
        lock (_gate)
        {
            _messages++;
            TakePayload(levels, payload.RootElement);
        }
    }

    /// <summary>Says what is shown and prepares the terminal.</summary>
    public void Open()
    {
        if (!isPlain)
        {
            Console.Write(HideCursor);
        }

        Console.WriteLine(Heading());
    }

    /// <summary>Draws what is known now.</summary>
    public void Draw()
    {
        lock (_gate)
        {
            StringBuilder text = new();
            if (isPlain)
            {
                foreach (StreamPanel panel in _panels)
                {
                    text.AppendLine(panel.Line());
                }
            }
            else
            {
                DrawScreen(text);
            }

            Console.Write(text);
        }
    }

    /// <summary>Gives the terminal back and sums up.</summary>
    public void Close()
    {
        StringBuilder text = new(isPlain ? "" : ShowCursor + "\n");
        lock (_gate)
        {
            for (int i = 0; i < _panels.Length; i++)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"{_panels[i].Name}: {stage.RecordsSent[i]} records sent, {_panels[i].Steps} stepped at the last report");
            }

            text.AppendLine(CultureInfo.InvariantCulture,
                $"{_messages} messages came back over MQTT; broker and worker are stopped");
            if (!_panels.All(panel => panel.HasForecast))
            {
                text.AppendLine("a stream was never heard; the worker said:").AppendLine(stage.WorkerLog);
            }
        }

        Console.Write(text);
    }

    private void TakePayload(string[] levels, JsonElement payload)
    {
        if (levels[^1] == "health")
        {
            foreach (StreamPanel panel in _panels)
            {
                panel.TakeHealth(payload);
            }
        }
        else if (_panels.FirstOrDefault(panel => panel.Name == levels[2]) is not { } panel)
        {
            return;
        }
        else if (levels[^1] == "state")
        {
            panel.TakeState(DemoState.Read(payload));
        }
        else if (levels[^1] == "event")
        {
            Note(panel, payload);
        }
    }

    private void Note(StreamPanel panel, JsonElement payload)
    {
        string what = payload.GetProperty("event").GetString() switch
        {
            "alarmRaised" => "alarm raised",
            "alarmCleared" => "alarm cleared",
            "streamLost" => "stream lost",
            _ => "stream back",
        };
        string score = DemoState.Member(payload, "score") is double figure
            ? string.Create(CultureInfo.InvariantCulture, $", score {figure:0.0}")
            : "";
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(payload.GetProperty("ts").GetInt64()).ToLocalTime();
        string line = string.Create(CultureInfo.InvariantCulture, $"{at:HH:mm:ss}  {panel.Name}: {what}{score}");
        _alarms.Enqueue(line);
        if (_alarms.Count > AlarmsShown)
        {
            _alarms.Dequeue();
        }

        if (isPlain)
        {
            Console.WriteLine(line);
        }
    }

    private string Heading() =>
        $"edgelstm demo: recordings played into serial lines → network, one step a sample → MQTT\n"
        + $"see the messages yourself:  {stage.SubscribeLine}\n";

    private void DrawScreen(StringBuilder text)
    {
        text.Append(HomeAndClearBelow).AppendLine(Heading());
        foreach (StreamPanel panel in _panels)
        {
            panel.Draw(text);
            text.AppendLine();
        }

        text.AppendLine("alarms");
        foreach (string line in _alarms)
        {
            text.Append("  ").AppendLine(line);
        }

        text.AppendLine().Append("Ctrl+C ends it.");
    }
}
