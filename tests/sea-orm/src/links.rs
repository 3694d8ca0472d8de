//! Rows that others link: what becomes of the links, and writes of a row with all that hangs below it.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelAction, ActiveValue::Set, Database, IntoActiveModel};

pub mod post {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
        #[sea_orm(has_many, via = "post_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn after_save<C: ConnectionTrait>(row: Model, _: &C, _: bool) -> Result<Model, DbErr> {
            crate::ran("after_save");
            Ok(row)
        }
    }
}

pub mod tag {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tags")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many, via = "post_tag")]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod post_tag {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts_tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: i32,
        #[sea_orm(belongs_to, from = "post_id", to = "id")]
        pub post: BelongsTo<super::post::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id")]
        pub tag: BelongsTo<super::tag::Entity>,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
            crate::ran("link:before_delete");
            Ok(self)
        }

        async fn after_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
            crate::ran("link:after_delete");
            Ok(self)
        }
    }
}

/// Does one write of a post that a tag is linked to, and tells which hooks ran and whether the link is there.
async fn judge<F, Fut>(write: F) -> Result<(String, bool), DbErr>
where
    F: FnOnce(DatabaseConnection, post::Model) -> Fut,
    Fut: Future<Output = Result<(), DbErr>>,
{
    let db = Database::connect("sqlite::memory:").await?;
    for table in [
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL)",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE posts_tags (post_id INTEGER, tag_id INTEGER, PRIMARY KEY (post_id, tag_id))",
    ] {
        db.execute_unprepared(table).await?;
    }
    let post = post::ActiveModel { id: Set(1), title: Set("a".to_owned()) }.insert(&db).await?;
    tag::ActiveModel { id: Set(1), name: Set("b".to_owned()) }.insert(&db).await?;
    post_tag::ActiveModel { post_id: Set(1), tag_id: Set(1) }.insert(&db).await?;
    crate::RAN.lock().unwrap().clear();
    write(db.clone(), post).await?;
    let ran = std::mem::take(&mut *crate::RAN.lock().unwrap()).join(",");
    Ok((ran, post_tag::Entity::find().one(&db).await?.is_some()))
}

/// Prints a line for each write.
pub async fn main() -> Result<(), DbErr> {
    let deletes = [
        ("row:delete", judge(|db, post| async move { post.delete(&db).await.map(drop) }).await?),
        (
            "row:cascade_delete",
            judge(|db, post| async move { post.cascade_delete(&db).await.map(drop) }).await?,
        ),
        (
            "active:delete",
            judge(|db, post| async move { post.into_active_model().delete(&db).await.map(drop) })
                .await?,
        ),
    ];
    for (write, (ran, is_there)) in deletes {
        println!("links {write} {} {ran}", if is_there { "kept" } else { "gone" });
    }
    let known = |post: post::Model| {
        let mut post = post.into_ex().into_active_model();
        post.title = Set("c".to_owned());
        post
    };
    let (ran, _) = judge(|db, post| async move {
        known(post).action(ActiveModelAction::Update, &db).await.map(drop)
    })
    .await?;
    println!("active action:update {ran}");
    let (ran, _) = judge(|db, _| async move {
        let new = post::ActiveModel::builder().set_title("d");
        new.action(ActiveModelAction::Insert, &db).await.map(drop)
    })
    .await?;
    println!("active action:insert {ran}");
    Ok(())
}
