from campaigns.db.migrate import HEAD, upgrade, version


def test_a_new_database_has_this_versions_schema(database):
    with database.connect() as connection:
        assert version(connection) == HEAD


def test_migrating_twice_changes_nothing(database):
    upgrade(database)
    with database.connect() as connection:
        assert version(connection) == HEAD
