//! Prints a line for each write: what it is called on, the method, and the hooks that ran. `two` adds those
//! that SeaORM has since 2.0.

#[cfg(feature = "two")]
mod links;

use std::sync::Mutex;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, Database, IntoActiveModel, Unchanged};

static RAN: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

fn ran(hook: &'static str) {
    RAN.lock().unwrap().push(hook);
}

mod row {
    use sea_orm::entity::prelude::*;

    use super::ran;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rows")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C: ConnectionTrait>(self, _: &C, _: bool) -> Result<Self, DbErr> {
            ran("before_save");
            Ok(self)
        }

        async fn after_save<C: ConnectionTrait>(row: Model, _: &C, _: bool) -> Result<Model, DbErr> {
            ran("after_save");
            Ok(row)
        }

        async fn before_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
            ran("before_delete");
            Ok(self)
        }

        async fn after_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
            ran("after_delete");
            Ok(self)
        }
    }
}

use row::{ActiveModel, Column, Entity, Model};

fn new(id: i32) -> ActiveModel {
    ActiveModel { id: Set(id), name: Set("a".to_owned()) }
}

fn known(id: i32) -> ActiveModel {
    ActiveModel { id: Unchanged(id), name: Set("b".to_owned()) }
}

/// Does one write in a database of its own that holds the row 1.
async fn judge<F, Fut>(on: &str, method: &str, write: F) -> Result<(), DbErr>
where
    F: FnOnce(DatabaseConnection, Model) -> Fut,
    Fut: Future<Output = Result<(), DbErr>>,
{
    let db = Database::connect("sqlite::memory:").await?;
    db.execute_unprepared("CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
    let row = new(1).insert(&db).await?;
    RAN.lock().unwrap().clear();
    write(db, row).await?;
    let ran = std::mem::take(&mut *RAN.lock().unwrap());
    println!("{on} {method} {}", ran.join(","));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), DbErr> {
    judge("active", "insert", |db, _| async move { new(2).insert(&db).await.map(drop) }).await?;
    judge("active", "update", |db, _| async move { known(1).update(&db).await.map(drop) }).await?;
    judge("active", "save", |db, _| async move { known(1).save(&db).await.map(drop) }).await?;
    judge("active", "delete", |db, _| async move { known(1).delete(&db).await.map(drop) }).await?;
    #[cfg(feature = "two")]
    judge("active", "update_without_returning", |db, _| async move {
        known(1).update_without_returning(&db).await.map(drop)
    })
    .await?;
    #[cfg(feature = "two")]
    judge("entity", "insert_many:exec_with_returning_many", |db, _| async move {
        Entity::insert_many([new(2), new(3)]).exec_with_returning(&db).await.map(drop)
    })
    .await?;
    judge("row", "delete", |db, row| async move { row.delete(&db).await.map(drop) }).await?;
    judge("active", "update:into_active_model", |db, row| async move {
        let mut row = row.into_active_model();
        row.name = Set("c".to_owned());
        row.update(&db).await.map(drop)
    })
    .await?;
    judge("entity", "insert", |db, _| async move {
        Entity::insert(new(2)).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "insert_many", |db, _| async move {
        Entity::insert_many([new(2), new(3)]).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "insert:on_conflict", |db, _| async move {
        let conflict = OnConflict::column(Column::Id).update_column(Column::Name).to_owned();
        Entity::insert(new(1)).on_conflict(conflict).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "insert:exec_with_returning", |db, _| async move {
        Entity::insert(new(2)).exec_with_returning(&db).await.map(drop)
    })
    .await?;
    judge("entity", "update", |db, _| async move {
        Entity::update(known(1)).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "update_many", |db, _| async move {
        let all = Entity::update_many().col_expr(Column::Name, Expr::value("d"));
        all.exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "delete", |db, _| async move {
        Entity::delete(known(1)).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "delete_many", |db, _| async move {
        Entity::delete_many().filter(Column::Id.eq(1)).exec(&db).await.map(drop)
    })
    .await?;
    judge("entity", "delete_by_id", |db, _| async move {
        Entity::delete_by_id(1).exec(&db).await.map(drop)
    })
    .await?;
    judge("sql", "execute_unprepared", |db, _| async move {
        db.execute_unprepared("DELETE FROM rows").await.map(drop)
    })
    .await?;
    #[cfg(feature = "two")]
    links::main().await?;
    Ok(())
}
