// The binding to SQLite: statements, their errors, and files that are let go.

using System.Text;
using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Tests.Outbox.Sqlite;

public sealed class SqliteConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-sqlite-").FullName;

    private string FilePath => Path.Combine(_folder, "test.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public unsafe void Values_of_every_kind_are_bound_and_read_back()
    {
        using SqliteConnection connection = Open();
        using SqliteStatement insert = new(connection, "INSERT INTO t VALUES(?1, ?2, ?3)"u8);
        byte[] text = Encoding.UTF8.GetBytes("Würze");
        fixed (byte* utf8 = text)
        {
            insert.Bind(1, long.MinValue);
            insert.BindText(2, utf8, text.Length);
            insert.BindBlob(3, null, 0);
            insert.Run();
        }

        using SqliteStatement select = new(connection, "SELECT n, s, b, typeof(b) FROM t"u8);
        Assert.True(select.Step());
        Assert.Equal(long.MinValue, select.Number(0));
        Assert.Equal("Würze", Encoding.UTF8.GetString(select.Bytes(1)));
        Assert.Equal(0, select.Bytes(2).Length);
        Assert.Equal("blob", Encoding.UTF8.GetString(select.Bytes(3)));
        Assert.False(select.Step());
    }

    [Fact]
    public void Binding_stepping_and_reading_allocates_nothing()
    {
        using SqliteConnection connection = Open();
        using SqliteStatement insert = new(connection, "INSERT INTO t(s) VALUES(?1)"u8);
        using SqliteStatement count = new(connection, "SELECT count(*) FROM t"u8);
        connection.Execute("BEGIN"u8);
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                insert.Bind(1, i);
                insert.Run();
            }

            count.RunNumber();
        });
    }

    [Fact]
    public void An_error_says_what_SQLite_said_with_its_extended_code()
    {
        using SqliteConnection connection = Open();
        SqliteException wrong = Assert.Throws<SqliteException>(() => connection.Execute("SELECT * FROM absent"u8));
        Assert.Equal("no such table: absent", wrong.Message);
        connection.Execute("INSERT INTO t(n) VALUES(1)"u8);
        SqliteException twice = Assert.Throws<SqliteException>(() => connection.Execute("INSERT INTO t(n) VALUES(1)"u8));
        Assert.Equal((19 | (8 << 8), 19, 0), (twice.Code, twice.PrimaryCode, twice.Errno));   // SQLITE_CONSTRAINT_UNIQUE
        Assert.Throws<SqliteException>(() => new SqliteStatement(connection, "SELEKT"u8));
    }

    [Fact]
    public void A_closed_connection_lets_the_file_go_even_with_statements_left()
    {
        SqliteConnection connection = Open();
        SqliteStatement left = new(connection, "SELECT count(*) FROM t"u8);
        connection.Execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE"u8);
        Assert.True(connection.InTransaction);
        connection.Dispose();
        left.Dispose();
        using SqliteConnection again = SqliteConnection.Open(FilePath);
        again.Execute("BEGIN EXCLUSIVE; COMMIT"u8);
        Assert.Equal(0, again.ReadNumber("SELECT count(*) FROM t"u8));
        Assert.Equal("", again.ReadText("SELECT s FROM t"u8));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_names_the_systems_reason()
    {
        string path = Path.Combine(_folder, "no", "file");
        SqliteException refused = Assert.Throws<SqliteException>(() => SqliteConnection.Open(path));
        Assert.Equal(LibSqlite.CannotOpen, refused.PrimaryCode);
        Assert.Equal("unable to open database file: No such file or directory", refused.Message);
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = SqliteConnection.Open(FilePath);
        connection.Execute("CREATE TABLE t(n INTEGER UNIQUE, s TEXT, b BLOB)"u8);
        return connection;
    }
}
