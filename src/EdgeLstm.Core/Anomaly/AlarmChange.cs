// What a row did to the alarm.

namespace EdgeLstm.Core.Anomaly;

/// <summary>What a row did to the alarm.</summary>
public enum AlarmChange
{
    None,
    Raised,
    Cleared,
}
